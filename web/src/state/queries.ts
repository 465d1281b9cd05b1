/** Everything that screens read from the server: one query a resource. Keys begin with the event they belong to. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body, requireSession, type Schemas } from "../api/client.ts";
import { belongsTo } from "./query-client.ts";

const PAGE_SIZE = 50;
// The first page fills the screen and is there soon. Later ones are large, since a change asks for all of them again.
const FIRST_EXPENSES = 20;
const MORE_EXPENSES = 100;
const LARGEST_PAGE = 500;
const LAST_CHANGES = 30;

export interface ExpenseFilters {
  text?: string;
  memberId?: string;
  payerMemberId?: string;
  category?: string;
  fromDate?: string;
  toDate?: string;
  currencyCode?: string;
  onlyDeleted?: boolean;
}

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    requireSession();
    return belongsTo(body(await api.GET("/v1/users/me", { signal })));
  },
});

export const overviewQuery = infiniteQueryOptions({
  queryKey: ["overview"],
  initialPageParam: "",
  queryFn: async ({ pageParam, signal }) =>
    body(await api.GET("/v1/users/me/overview", { params: { query: page(pageParam) }, signal })),
  getNextPageParam: nextPage,
});

export const myBalancesQuery = queryOptions({
  queryKey: ["my-balances"],
  queryFn: async ({ signal }) => body(await api.GET("/v1/users/me/balances", { signal })),
});

/** The last changes of all events, for the first screen. */
export const lastChangesQuery = queryOptions({
  queryKey: ["overview", "last-changes"],
  queryFn: async ({ signal }) => {
    const query = { pageSize: LAST_CHANGES };
    return body(await api.GET("/v1/users/me/changes", { params: { query }, signal })).changes ?? [];
  },
});

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: async ({ signal }) => body(await api.GET("/v1/sessions", { signal })).sessions ?? [],
});

export const currenciesQuery = (locale: string) =>
  queryOptions({
    queryKey: ["currencies", locale],
    staleTime: Infinity,
    queryFn: async ({ signal }) =>
      body(await api.GET("/v1/currencies", { params: { query: { locale } }, signal })).currencies ?? [],
  });

export const categoriesQuery = (locale: string) =>
  queryOptions({
    queryKey: ["categories", locale],
    staleTime: Infinity,
    queryFn: async ({ signal }) =>
      body(await api.GET("/v1/categories", { params: { query: { locale } }, signal })).categories ?? [],
  });

export const invitationPreviewQuery = (token: string) =>
  queryOptions({
    queryKey: ["invitation", token],
    gcTime: 0,
    queryFn: async ({ signal }) =>
      body(await api.GET("/v1/invitations/{token}", { params: { path: { token } }, signal })),
  });

export const eventQuery = (eventId: string) =>
  queryOptions({
    queryKey: ["event", eventId, "event"],
    queryFn: async ({ signal }) =>
      body(await api.GET("/v1/events/{eventId}", { params: { path: { eventId } }, signal })),
  });

/** All members, also those who have left: expenses of the past name them. */
export const membersQuery = (eventId: string) =>
  queryOptions({
    queryKey: ["event", eventId, "members"],
    queryFn: async ({ signal }) => {
      const members: Schemas["Member"][] = [];
      let pageToken = "";
      do {
        const query = { showInactive: true, pageSize: LARGEST_PAGE, ...(pageToken && { pageToken }) };
        const params = { path: { eventId }, query };
        const answer = body(await api.GET("/v1/events/{eventId}/members", { params, signal }));
        members.push(...(answer.members ?? []));
        pageToken = answer.nextPageToken ?? "";
      } while (pageToken);
      return members;
    },
  });

export const invitationsQuery = (eventId: string) =>
  queryOptions({
    queryKey: ["event", eventId, "invitations"],
    queryFn: async ({ signal }) =>
      body(await api.GET("/v1/events/{eventId}/invitations", { params: { path: { eventId } }, signal }))
        .invitations ?? [],
  });

export const expensesQuery = (eventId: string, filters: ExpenseFilters = {}) =>
  infiniteQueryOptions({
    queryKey: ["event", eventId, "expenses", filters],
    initialPageParam: "",
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filters, ...page(pageParam), pageSize: pageParam ? MORE_EXPENSES : FIRST_EXPENSES };
      return body(
        await api.GET("/v1/events/{eventId}/expenses", { params: { path: { eventId }, query }, signal }),
      );
    },
    getNextPageParam: nextPage,
  });

export const expenseQuery = (eventId: string, expenseId: string) =>
  queryOptions({
    queryKey: ["event", eventId, "expense", expenseId],
    queryFn: async ({ signal }) => {
      const path = { eventId, expenseId };
      return body(await api.GET("/v1/events/{eventId}/expenses/{expenseId}", { params: { path }, signal }));
    },
  });

export const versionsQuery = (eventId: string, expenseId: string) =>
  infiniteQueryOptions({
    queryKey: ["event", eventId, "expense", expenseId, "versions"],
    initialPageParam: "",
    queryFn: async ({ pageParam, signal }) => {
      const params = { path: { eventId, expenseId }, query: page(pageParam) };
      return body(await api.GET("/v1/events/{eventId}/expenses/{expenseId}/versions", { params, signal }));
    },
    getNextPageParam: nextPage,
  });

export const commentsQuery = (eventId: string, expenseId: string) =>
  infiniteQueryOptions({
    queryKey: ["event", eventId, "expense", expenseId, "comments"],
    initialPageParam: "",
    queryFn: async ({ pageParam, signal }) => {
      const params = { path: { eventId, expenseId }, query: page(pageParam) };
      return body(await api.GET("/v1/events/{eventId}/expenses/{expenseId}/comments", { params, signal }));
    },
    getNextPageParam: nextPage,
  });

export const recentlyUsedQuery = (eventId: string) =>
  queryOptions({
    queryKey: ["event", eventId, "recently-used"],
    queryFn: async ({ signal }) =>
      body(await api.GET("/v1/events/{eventId}/recentlyUsed", { params: { path: { eventId } }, signal })),
  });

export const balancesQuery = (eventId: string) =>
  queryOptions({
    queryKey: ["event", eventId, "balances"],
    queryFn: async ({ signal }) =>
      body(await api.GET("/v1/events/{eventId}/balances", { params: { path: { eventId } }, signal })),
  });

export const settlementQuery = (eventId: string) =>
  queryOptions({
    queryKey: ["event", eventId, "settlement"],
    queryFn: async ({ signal }) =>
      body(await api.GET("/v1/events/{eventId}/settlement", { params: { path: { eventId } }, signal })),
  });

/** Why a member owes, or is owed: the expenses and payments of their debts. */
export const explanationQuery = (eventId: string, fromMemberId: string, toMemberId = "") =>
  infiniteQueryOptions({
    queryKey: ["event", eventId, "explanation", fromMemberId, toMemberId],
    initialPageParam: "",
    queryFn: async ({ pageParam, signal }) => {
      const query = { fromMemberId, ...(toMemberId && { toMemberId }), ...page(pageParam) };
      return body(
        await api.GET("/v1/events/{eventId}/debts:explain", { params: { path: { eventId }, query }, signal }),
      );
    },
    getNextPageParam: nextPage,
  });

export const totalsQuery = (eventId: string) =>
  queryOptions({
    queryKey: ["event", eventId, "totals"],
    queryFn: async ({ signal }) =>
      body(await api.GET("/v1/events/{eventId}/totals", { params: { path: { eventId } }, signal })),
  });

/** The history, newest first. */
export const changesQuery = (eventId: string) =>
  infiniteQueryOptions({
    queryKey: ["event", eventId, "changes"],
    initialPageParam: "",
    queryFn: async ({ pageParam, signal }) => {
      const query = { orderBy: "revision desc", ...page(pageParam) };
      return body(
        await api.GET("/v1/events/{eventId}/changes", { params: { path: { eventId }, query }, signal }),
      );
    },
    getNextPageParam: nextPage,
  });

function page(pageToken: string): { pageSize: number; pageToken?: string } {
  return pageToken ? { pageSize: PAGE_SIZE, pageToken } : { pageSize: PAGE_SIZE };
}

function nextPage(last: { nextPageToken?: string }): string | undefined {
  return last.nextPageToken || undefined;
}

/** Members by id, for names and colours. */
export function byId(members: readonly Schemas["Member"][] = []): Map<string, Schemas["Member"]> {
  return new Map(members.map((member) => [member.id ?? "", member]));
}
