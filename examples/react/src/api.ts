export interface Person {
  name: string;
  /** The token of the social security number, or nothing yet. */
  ssn: string;
}

async function call(path: string, body?: object): Promise<Response> {
  const response = await fetch(path, {
    method: body ? "POST" : "GET",
    headers: { "Content-Type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error((await response.json()).code);
  return response;
}

/** Each call grants the token anew, to this browser's session. */
export const me = async (): Promise<Person | null> =>
  call("/api/me").then(
    (response) => response.json(),
    () => null,
  );

export const save = async (ssn: string): Promise<Person> =>
  (await call("/api/me", { ssn })).json();

export const logIn = async (name: string): Promise<Person> =>
  (await call("/api/log-in", { name })).json();

export const logOut = () => call("/api/log-out", {});
