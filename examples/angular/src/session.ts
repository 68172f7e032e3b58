import { inject, Injectable, signal } from "@angular/core";
import { type Account, type AuthError, type Client, createClient } from "countersign";

/** The page's one client, with who is signed in. */
@Injectable({ providedIn: "root" })
export class Session {
  readonly client = signal<Client | null>(null);
  readonly account = signal<Account | null>(null);
  readonly error = signal<AuthError | null>(null);

  /** Is done when it is known who is signed in. */
  readonly ready = this.start().catch((error: AuthError) => this.error.set(error));

  private async start() {
    const client = await createClient({
      authority: "https://login.example",
      clientId: "my-page",
      redirectUri: `${location.origin}/`,
      scope: "openid profile offline_access notes.read",
    });
    const signIn = await client.handleRedirect();
    if (signIn?.returnTo) history.replaceState(null, "", signIn.returnTo);
    this.client.set(client);
    const look = () => this.account.set(client.account);
    look();
    client.addEventListener("signedin", look);
    client.addEventListener("signedout", look);
    client.addEventListener("error", ({ detail }) => this.error.set(detail));
  }
}

/** For routes: `canActivate: [signedIn]`. */
export async function signedIn(_route: unknown, { url }: { url: string }): Promise<boolean> {
  const session = inject(Session);
  await session.ready;
  if (session.account() === null) await session.client()?.signIn({ returnTo: url });
  return session.account() !== null;
}
