import { lunasec, type SecureInput, type SecureText } from "lunasec-elements";
import { type FormEvent, useRef, useState } from "react";
import { me, type Person, save } from "./api";

export function Profile({ person, changed }: { person: Person; changed: (to: Person) => void }) {
  const [editing, setEditing] = useState(false);
  const [wrong, setWrong] = useState("");
  const shown = useRef<SecureText>(null);
  const field = useRef<SecureInput>(null);

  // A grant ended while the page was open: `me` grants anew.
  const renew = async () => {
    await me();
    shown.current?.refresh();
  };

  // By now the library held the submit until the value had a token, as it does on any page.
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    await lunasec.ready(form);
    try {
      changed(await save(String(new FormData(form).get("ssn"))));
      setEditing(false);
    } catch (error) {
      setWrong((error as Error).message);
    }
  };

  if (!editing) {
    return (
      <p>
        <span id="label">Social security number</span>
        {person.ssn ? (
          <secure-text
            id="shown"
            ref={shown}
            token={person.ssn}
            aria-labelledby="label"
            onsecure-expired={renew}
          />
        ) : (
          <em id="nothing">none yet</em>
        )}
        <button id="edit" onClick={() => setEditing(true)}>
          Change
        </button>
      </p>
    );
  }
  return (
    <form onSubmit={submit}>
      <label htmlFor="ssn">Social security number</label>
      <secure-input
        id="ssn"
        ref={field}
        name="ssn"
        validator="ssn"
        required
        token={person.ssn}
        onsecure-error={(event) => setWrong(event.detail.message)}
      />
      <output htmlFor="ssn">{wrong}</output>
      <button id="save">Save</button>
    </form>
  );
}
