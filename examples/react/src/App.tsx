import { lunasec } from "lunasec-elements";
import { type FormEvent, useEffect, useState } from "react";
import { logIn, logOut, me, type Person } from "./api";
import { Profile } from "./Profile";

export function App() {
  const [person, setPerson] = useState<Person | null>();

  useEffect(() => {
    me().then(setPerson);
  }, []);

  const enter = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name"));
    setPerson(await logIn(name));
    // The same page, another session: the elements begin anew.
    await lunasec.refresh();
  };

  const leave = async () => {
    await logOut();
    setPerson(null);
  };

  if (person === undefined) return null;
  if (person === null) {
    return (
      <form onSubmit={enter}>
        <label htmlFor="name">Name</label>
        <input id="name" name="name" required />
        <button id="log-in">Log in</button>
      </form>
    );
  }
  return (
    <main>
      <header>
        <h1>{person.name}</h1>
        <button id="log-out" onClick={leave}>
          Log out
        </button>
      </header>
      <Profile person={person} changed={setPerson} />
    </main>
  );
}
