import { useId, type CSSProperties, type ReactNode } from "react";
import { formatDay } from "../../dates.ts";
import { formatLocale } from "../../i18n/locale.ts";
import type { Day } from "./entries.ts";
import { ExpenseRow } from "./expense-row.tsx";
import type { People } from "./people.ts";

interface Days {
  eventId: string;
  days: readonly Day[];
  people: People;
}

/** The expenses by day. The browser lays out only the days that are near the screen. */
export function ExpenseDays({ eventId, days, people }: Days): ReactNode {
  return days.map((day) => <DaySection key={day.date} eventId={eventId} day={day} people={people} />);
}

function DaySection({ eventId, day, people }: Omit<Days, "days"> & { day: Day }): ReactNode {
  const title = useId();
  return (
    <section
      className="expense-day"
      aria-labelledby={title}
      style={{ "--rows": day.entries.length } as CSSProperties}
    >
      <h2 id={title} className="expense-day-title small soft">
        {day.date && formatDay(day.date, formatLocale())}
      </h2>
      <ul className="expense-day-rows">
        {day.entries.map(({ expense, state, deleted }) => (
          <ExpenseRow
            key={expense.id}
            eventId={eventId}
            expense={expense}
            state={state}
            deleted={deleted}
            people={people}
          />
        ))}
      </ul>
    </section>
  );
}
