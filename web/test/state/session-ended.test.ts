import "fake-indexeddb/auto";
import { QueryObserver } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { sessionEnded } from "../../src/api/client.ts";
import { queryClient } from "../../src/state/query-client.ts";

/** How often it is asked who is logged in. */
function watchMe(): { asked: () => number } {
  let asked = 0;
  queryClient.setQueryData(["me"], { id: "usr_ana" });
  const queryFn = () => {
    asked += 1;
    return Promise.reject(sessionEnded());
  };
  new QueryObserver(queryClient, { queryKey: ["me"], queryFn, staleTime: Infinity }).subscribe(
    () => undefined,
  );
  return { asked: () => asked };
}

test("a read that finds no session asks once who is logged in", async () => {
  const me = watchMe();
  const read = { queryKey: ["sessions"], queryFn: () => Promise.reject(sessionEnded()) };
  await queryClient.query(read).catch(() => undefined);
  await expect.poll(() => queryClient.getQueryState(["me"])?.status).toBe("error");
  expect(me.asked()).toBe(1);
});

test("a write that finds no session asks as well", async () => {
  const me = watchMe();
  const mutation = queryClient
    .getMutationCache()
    .build(queryClient, { mutationFn: () => Promise.reject(sessionEnded()) });
  await mutation.execute(undefined).catch(() => undefined);
  await expect.poll(() => me.asked()).toBe(1);
});
