// A dinner for three over gRPC, from sign-up to settlement. Usage: npm start [-- HOST:PORT]
import { randomUUID } from "node:crypto";
import { Code, ConnectError, createClient, type Client, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { ChangeKindSchema, EventService, ExpenseService, UserService, type Expense } from "howmuch-client";
import { keepalive, retries, session } from "howmuch-client/grpc";

const PASSWORD = "correct horse battery";

const baseUrl = `http://${process.argv[2] ?? "127.0.0.1:50051"}`;
const connection = new Http2SessionManager(baseUrl, keepalive);

/** The connection, as somebody calls it. */
function transport(...interceptors: Interceptor[]) {
  return createGrpcTransport({
    baseUrl,
    sessionManager: connection,
    interceptors: [...interceptors, retries()],
  });
}

/** The connection, as a new user calls it. */
async function signUp() {
  const users = createClient(UserService, transport());
  const email = `ana-${randomUUID()}@example.com`;
  await users.signUp({ email, password: PASSWORD, name: "Ana" });
  const { token } = await users.logIn({ email, password: PASSWORD });
  return transport(session(token));
}

/** Gives an expense another title, unless somebody changed it since it was read: its etag says so. */
async function rename(expenses: Client<typeof ExpenseService>, expense: Expense, reason: string) {
  const { eventId, id, etag } = expense;
  await expenses.updateExpense({ expense: { eventId, id, etag, reason } });
}

/** The kinds of the changes after a revision, until so many have come. */
async function changes(
  events: Client<typeof EventService>,
  eventId: string,
  sinceRevision: bigint,
  count: number,
): Promise<string[]> {
  const kinds: string[] = [];
  for await (const change of events.watchEvent({ eventId, sinceRevision })) {
    kinds.push(ChangeKindSchema.value[change.kind]?.name ?? String(change.kind));
    if (kinds.length === count) {
      break;
    }
  }
  return kinds;
}

const ana = await signUp();
const events = createClient(EventService, ana);
const expenses = createClient(ExpenseService, ana);

const event = await events.createEvent({ event: { name: "Lisbon", currencyCode: "EUR" } });
// Begun before anything happens, read at the end.
const watched = changes(events, event.id, event.revision, 5);
const names = new Map([[event.memberId, "Ana"]]);
for (const name of ["Bo", "Cy"]) {
  const guest = await events.addMember({ eventId: event.id, name });
  names.set(guest.id, guest.name);
}

// The key of one dinner. A program that was stopped may send it again, and adds it once.
const headers = { "idempotency-key": randomUUID() };
const add = () =>
  expenses.createExpense(
    {
      eventId: event.id,
      expense: {
        reason: "Dinner",
        date: "2026-11-22",
        amount: "48.60",
        payments: [{ memberId: event.memberId }],
      },
    },
    { headers },
  );
const dinner = await add();
const again = await add();
const payers = dinner.payments.map(({ memberId }) => names.get(memberId)).join(", ");
console.log(`${dinner.reason}: ${dinner.amount} ${dinner.currencyCode}, paid by ${payers}, for three`);
if (again.id === dinner.id) {
  console.log("sent twice, added once");
}

await rename(expenses, dinner, "Dinner by the river");
try {
  await rename(expenses, dinner, "Dinner in Alfama");
} catch (error) {
  if (ConnectError.from(error).code !== Code.Aborted) {
    throw error;
  }
  const fresh = await expenses.getExpense({ eventId: event.id, expenseId: dinner.id });
  await rename(expenses, fresh, "Dinner in Alfama");
  console.log("stale edit refused, then made again");
}

console.log(`watch: ${(await watched).join(", ")}`);

const settlement = await events.getSettlement({ eventId: event.id });
for (const plan of settlement.plans) {
  for (const debt of plan.transfers) {
    const [debtor, creditor] = [names.get(debt.fromMemberId), names.get(debt.toMemberId)];
    console.log(`${debtor} pays ${creditor} ${debt.amount} ${plan.currencyCode}`);
  }
}
connection.abort();
