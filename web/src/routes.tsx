/** The addresses. Each screen is loaded when it is first opened. */

import type { ReactNode } from "react";
import { Route, Switch } from "wouter";
import { lazily } from "./ui/lazily.ts";

const Home = lazily(() => import("./screens/home/home.tsx"));
const LogIn = lazily(() => import("./screens/account/log-in.tsx"));
const SignUp = lazily(() => import("./screens/account/sign-up.tsx"));
const ForgotPassword = lazily(() => import("./screens/account/forgot-password.tsx"));
const NewEvent = lazily(() => import("./screens/new-event/new-event.tsx"));
const Join = lazily(() => import("./screens/join/join.tsx"));
const EventScreen = lazily(() => import("./screens/event/event.tsx"));
const NewExpense = lazily(() => import("./screens/expense-form/new-expense.tsx"));
const EditExpense = lazily(() => import("./screens/expense-form/edit-expense.tsx"));
const ExpenseScreen = lazily(() => import("./screens/expense/expense.tsx"));
const Why = lazily(() => import("./screens/balances/why.tsx"));
const Members = lazily(() => import("./screens/members/members.tsx"));
const EventSettings = lazily(() => import("./screens/event-settings/event-settings.tsx"));
const Totals = lazily(() => import("./screens/totals/totals.tsx"));
const Waiting = lazily(() => import("./screens/waiting/waiting.tsx"));
const Settings = lazily(() => import("./screens/settings/settings.tsx"));
const NotFound = lazily(() => import("./screens/not-found/not-found.tsx"));

export function Routes(): ReactNode {
  return (
    <Switch>
      <Route path="/" component={Home} />
      <Route path="/login" component={LogIn} />
      <Route path="/signup" component={SignUp} />
      <Route path="/forgot-password" component={ForgotPassword} />
      <Route path="/invitations/:token">{({ token }) => <Join token={token} />}</Route>
      <Route path="/events/new" component={NewEvent} />
      <Route path="/events/:id/new">{({ id }) => <NewExpense eventId={id} />}</Route>
      <Route path="/events/:id/expenses/:expense">
        {({ id, expense }) => <ExpenseScreen eventId={id} expenseId={expense} />}
      </Route>
      <Route path="/events/:id/expenses/:expense/edit">
        {({ id, expense }) => <EditExpense eventId={id} expenseId={expense} />}
      </Route>
      <Route path="/events/:id/balances/:member">
        {({ id, member }) => <Why eventId={id} memberId={member} />}
      </Route>
      <Route path="/events/:id/members">{({ id }) => <Members eventId={id} />}</Route>
      <Route path="/events/:id/settings">{({ id }) => <EventSettings eventId={id} />}</Route>
      <Route path="/events/:id/totals">{({ id }) => <Totals eventId={id} />}</Route>
      <Route path="/events/:id">{({ id }) => <EventScreen eventId={id} tab="expenses" />}</Route>
      <Route path="/events/:id/balances">{({ id }) => <EventScreen eventId={id} tab="balances" />}</Route>
      <Route path="/events/:id/activity">{({ id }) => <EventScreen eventId={id} tab="activity" />}</Route>
      <Route path="/waiting" component={Waiting} />
      <Route path="/settings" component={Settings} />
      <Route component={NotFound} />
    </Switch>
  );
}
