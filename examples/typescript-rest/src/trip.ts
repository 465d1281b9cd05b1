// A dinner for three over REST, from sign-up to settlement. It uses nothing of Node.js: index.html runs it
// in a browser. The server's `http.cors_origins` must then include the page's origin.
import { body, connect, Refusal, watch, type Howmuch, type Schemas } from "howmuch-client/rest";

const PASSWORD = "correct horse battery";

/** The server, as a new user calls it. */
async function signUp(baseUrl: string): Promise<Howmuch> {
  const nobody = connect(baseUrl);
  const email = `ana-${crypto.randomUUID()}@example.com`;
  body(await nobody.POST("/v1/users", { body: { email, password: PASSWORD, name: "Ana" } }));
  const login = body(await nobody.POST("/v1/sessions", { body: { email, password: PASSWORD } }));
  return connect(baseUrl, login.token);
}

/** Gives an expense another title, unless somebody changed it since it was read: its etag says so. */
async function rename(ana: Howmuch, expense: Schemas["Expense"], reason: string): Promise<void> {
  const path = { eventId: expense.eventId!, expenseId: expense.id! };
  body(
    await ana.PATCH("/v1/events/{eventId}/expenses/{expenseId}", {
      params: { path },
      body: { etag: expense.etag!, reason },
    }),
  );
}

/** The kinds of the changes after a revision, until so many have come. */
async function changes(
  ana: Howmuch,
  event: Schemas["Event"],
  count: number,
): Promise<string[]> {
  const kinds: string[] = [];
  for await (const change of watch(ana, event.id!, event.revision!)) {
    kinds.push(change.kind!);
    if (kinds.length === count) {
      break;
    }
  }
  return kinds;
}

/** The whole of it. print: takes a line. */
export async function trip(baseUrl: string, print: (line: string) => void): Promise<void> {
  const ana = await signUp(baseUrl);
  const event = body(await ana.POST("/v1/events", { body: { name: "Lisbon", currencyCode: "EUR" } }));
  const path = { eventId: event.id! };
  // Begun before anything happens, read at the end.
  const watched = changes(ana, event, 5);
  const names = new Map([[event.memberId, "Ana"]]);
  for (const name of ["Bo", "Cy"]) {
    const guest = body(
      await ana.POST("/v1/events/{eventId}/members", { params: { path }, body: { name } }),
    );
    names.set(guest.id, name);
  }

  // The key of one dinner. A program that was stopped may send it again, and adds it once.
  const key = { "Idempotency-Key": crypto.randomUUID() };
  const add = () =>
    ana.POST("/v1/events/{eventId}/expenses", {
      params: { path, header: key },
      body: {
        reason: "Dinner",
        date: "2026-11-22",
        amount: "48.60",
        payments: [{ memberId: event.memberId! }],
      },
    });
  const dinner = body(await add());
  const again = body(await add());
  const payers = dinner.payments.map(({ memberId }) => names.get(memberId)).join(", ");
  print(`${dinner.reason}: ${dinner.amount} ${dinner.currencyCode}, paid by ${payers}, for three`);
  if (again.id === dinner.id) {
    print("sent twice, added once");
  }

  await rename(ana, dinner, "Dinner by the river");
  try {
    await rename(ana, dinner, "Dinner in Alfama");
  } catch (error) {
    if (!(error instanceof Refusal) || error.reason !== "ETAG_STALE") {
      throw error;
    }
    const fresh = body(
      await ana.GET("/v1/events/{eventId}/expenses/{expenseId}", {
        params: { path: { ...path, expenseId: dinner.id! } },
      }),
    );
    await rename(ana, fresh, "Dinner in Alfama");
    print("stale edit refused, then made again");
  }

  print(`watch: ${(await watched).join(", ")}`);

  const settlement = body(
    await ana.GET("/v1/events/{eventId}/settlement", { params: { path } }),
  );
  for (const plan of settlement.plans ?? []) {
    for (const debt of plan.transfers ?? []) {
      const [debtor, creditor] = [names.get(debt.fromMemberId), names.get(debt.toMemberId)];
      print(`${debtor} pays ${creditor} ${debt.amount} ${plan.currencyCode}`);
    }
  }
}
