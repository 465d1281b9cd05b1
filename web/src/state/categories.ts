/** The common categories: an expense may name one by its key, or in any language and spelling. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { formatLocale } from "../i18n/locale.ts";
import { categoriesQuery } from "./queries.ts";

/** key: of a common category; empty if it is another. name: as people read it; empty if there is no category. */
export interface NamedCategory {
  key: string;
  name: string;
}

/** What a category of an expense means. The same function until the categories are known. */
export function useCategoryOf(): (category: string | undefined) => NamedCategory {
  const { data } = useQuery(categoriesQuery(formatLocale()));
  return useMemo(() => {
    const common = new Map<string, NamedCategory>();
    for (const { key = "", name = key } of data ?? []) {
      common.set(fold(name), { key, name });
      common.set(fold(key), { key, name });
    }
    return (category = "") => common.get(fold(category)) ?? { key: "", name: category };
  }, [data]);
}

/** Case and accents make no difference. */
function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .trim();
}
