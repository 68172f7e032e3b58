import { Component, inject, resource } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";

import { Session } from "./session";

const API = "https://api.example/notes";

@Component({
  selector: "app-root",
  template: `
    @if (session.error(); as error) {
      <p role="alert">{{ error.message }}</p>
    }
    @if (session.account(); as account) {
      <button (click)="session.client()!.signOut()">Sign out {{ account.claims["name"] }}</button>
      <pre>{{ notes.value() }}</pre>
    } @else if (session.client(); as client) {
      <button (click)="client.signIn()">Sign in</button>
    }
  `,
})
class App {
  readonly session = inject(Session);
  readonly notes = resource({
    params: () => (this.session.account() === null ? undefined : this.session.client()!),
    loader: async ({ params: client, abortSignal: signal }) => (await client.fetch(API, { signal })).text(),
  });
}

bootstrapApplication(App);
