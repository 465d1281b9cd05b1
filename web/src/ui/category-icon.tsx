import type { ReactNode } from "react";
import type { Schemas } from "../api/client.ts";
import { useCategoryOf } from "../state/categories.ts";
import "./category-icon.css";

/** Pictures by the key of a common category: lines on a field of 24 by 24. */
const LINES: Record<string, string> = {
  food: "M7 3v18M4 3v5a3 3 0 0 0 6 0V3M17 21V3c-2 1-3 4-3 7 0 2 1 4 3 4",
  groceries: "M3 4h2l2.5 11h10L20 7H6M9 20h.01M17 20h.01",
  drinks: "M5 4h14l-7 8zM12 12v8M8 20h8",
  coffee: "M5 8h11v6a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4zM16 10h1.5a2.5 2.5 0 0 1 0 5H16M8 3v2M12 3v2",
  accommodation: "M3 19V6M3 15h18v4M21 15v-3a3 3 0 0 0-3-3h-7v6M7 11.5h.01",
  transport: "M5 16V6a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2v10zM5 11h14M7 16v3M17 16v3M8.5 13.5h.01M15.5 13.5h.01",
  flights: "M21 3 3 10l6 3 3 6zM9 13l5-5",
  taxi: "M4 17v-5l2-5h12l2 5v5zM4 12h16M7 17v2M17 17v2M10 7V4h4v3",
  fuel: "M5 20V5a1 1 0 0 1 1-1h7a1 1 0 0 1 1 1v15M4 20h11M8 9h3M14 12h2a2 2 0 0 1 2 2v2a1.5 1.5 0 0 0 3 0V9l-3-3",
  parking: "M9 19V5h4.5a4 4 0 0 1 0 8H9",
  entertainment: "M4 8V6h16v4a2 2 0 0 0 0 4v4H4v-4a2 2 0 0 0 0-4zM14 6v12",
  sports: "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M3 12h18M12 3c3.5 4 3.5 14 0 18M12 3c-3.5 4-3.5 14 0 18",
  shopping: "M5 8h14l1 12H4zM9 8V7a3 3 0 0 1 6 0v1",
  gifts: "M5 12h14v8H5zM3 8h18v4H3zM12 8v12M12 8c-5 0-5-5-2-5 2 0 2 3 2 5zM12 8c5 0 5-5 2-5-2 0-2 3-2 5z",
  rent: "M4 11l8-7 8 7M6 10v10h12V10M10 20v-6h4v6",
  utilities: "M13 3 5 14h6l-1 7 8-11h-6z",
  internet: "M3 9a13 13 0 0 1 18 0M6 13a8.5 8.5 0 0 1 12 0M9 16.5a4.5 4.5 0 0 1 6 0M12 20h.01",
  household: "M12 3v8M7 21l1-6a4 4 0 0 1 8 0l1 6zM12 17v4",
  furniture: "M7 4h10v9H7zM5 13h14M7 13v7M17 13v7",
  repairs: "M20 7a5 5 0 0 1-7 6l-6 7-3-3 7-6a5 5 0 0 1 6-7l-3 3 3 3z",
  health: "M9 4h6v5h5v6h-5v5H9v-5H4V9h5z",
  insurance: "M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6z",
  education: "M2 9l10-5 10 5-10 5zM6 11v5c3 3 9 3 12 0v-5",
  children: "M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16M9 11h.01M15 11h.01M9 14.5c1.5 2 4.5 2 6 0",
  pets: "M12 12c-3 0-6 4-5 6.5 1 2 3 .5 5 .5s4 1.5 5-.5c1-2.5-2-6.5-5-6.5zM6 10h.01M9.5 6h.01M14.5 6h.01M18 10h.01",
  taxes: "M3 9l9-5 9 5zM5 12v5M10 12v5M14 12v5M19 12v5M3 20h18",
  other: "M6 12h.01M12 12h.01M18 12h.01",
};
const TRANSFER = "M4 9h15l-4-4M20 15H5l4 4";
const INCOME = "M12 4v11M7 10l5 5 5-5M5 20h14";
const NONE = "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6";

/**
 * A picture of what the money was for: of a common category, or the first letter of any other. The words stand beside
 * it, so it says nothing to a screen reader.
 */
export function CategoryIcon(props: {
  category?: string | undefined;
  kind?: Schemas["ExpenseKind"];
}): ReactNode {
  const category = useCategoryOf()(props.category);
  const lines = linesOf(props.kind, category);
  return (
    <span aria-hidden="true" className="category-icon">
      {lines ? (
        <svg viewBox="0 0 24 24">
          <path d={lines} />
        </svg>
      ) : (
        firstLetter(category.name)
      )}
    </span>
  );
}

function linesOf(kind: string | undefined, category: { key: string; name: string }): string | undefined {
  if (kind === "EXPENSE_KIND_TRANSFER") {
    return TRANSFER;
  }
  if (category.name === "") {
    return kind === "EXPENSE_KIND_INCOME" ? INCOME : NONE;
  }
  return LINES[category.key];
}

/** The first letter as people see it: with its accents, and a whole emoji. */
function firstLetter(name: string): string {
  const [first] = new Intl.Segmenter().segment(name);
  return first?.segment.toLocaleUpperCase() ?? "";
}
