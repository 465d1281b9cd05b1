import type { ReactNode } from "react";
import { useSession } from "../../session.tsx";
import { meQuery } from "../../state/queries.ts";
import { queryClient } from "../../state/query-client.ts";
import { Loading } from "../../ui/loading.tsx";
import { Problem } from "../../ui/message.tsx";
import { MyEvents } from "./my-events.tsx";
import { Welcome } from "./welcome.tsx";
import "./home.css";

export default function Home(): ReactNode {
  const { user, error } = useSession();
  if (user) {
    return <MyEvents user={user} />;
  }
  if (user === null) {
    return <Welcome />;
  }
  return error ? (
    <main className="page home-problem">
      <Problem error={error} retry={() => void queryClient.refetchQueries(meQuery)} />
    </main>
  ) : (
    <Loading />
  );
}
