import { CONSUMERS } from "../directory/directory.js";
import { errorPage } from "../pages/error.js";
import { accountPage } from "../pages/account.js";
import { passwordPage, userNamePage } from "../pages/user-name.js";
import { Refusal } from "../refusals.js";
import { acceptConsent, proceed } from "./proceed.js";
import { refuse } from "./refuse.js";

const UNKNOWN_USER = "We couldn't find an account with that user name. Check it, or pick one of the accounts below.";
const NO_PERSONAL_ACCOUNT = "You can't sign in here with a personal account. Use your work or school account instead.";
const WRONG_PASSWORD = "That password is incorrect. Try again; it is shown below.";

/** What each page's form does; all are `POST /signin/{step}` with the transaction's handle in `ctx`. */
const STEPS = {
  /** A tile of the account page. */
  account(authority, c, transaction, form) {
    if (form.other) return userNamePage(c, transaction);
    const entry = authority.sessions.of(c)?.accounts.get(form.account);
    if (!entry) return userNamePage(c, transaction);
    // prompt=login asks for the password of a chosen account too.
    if (transaction.prompt === "login") return passwordPage(c, transaction, { userName: entry.user.name });
    transaction.signedIn = entry;
    return proceed(authority, c, transaction);
  },

  username(authority, c, transaction, form) {
    const user = authority.directory.user(form.known ?? form.username);
    if (!user) {
      return userNamePage(c, transaction, { userName: form.username, error: UNKNOWN_USER });
    }
    const personal = authority.directory.tenant(user.tenant).id === CONSUMERS;
    if (personal && transaction.tenantSegment === "organizations") {
      return userNamePage(c, transaction, { userName: form.username, error: NO_PERSONAL_ACCOUNT });
    }
    return passwordPage(c, transaction, { userName: user.name });
  },

  password(authority, c, transaction, form) {
    if (form.back) return userNamePage(c, transaction, { userName: form.username });
    const user = authority.directory.user(form.username);
    if (!user || user.password !== form.password) {
      return passwordPage(c, transaction, { userName: form.username, error: WRONG_PASSWORD });
    }
    transaction.signedIn = authority.sessions.signIn(c, user, { mfa: false });
    return proceed(authority, c, transaction);
  },

  mfa(authority, c, transaction, form) {
    if (!transaction.signedIn) return proceed(authority, c, transaction);
    if (form.deny) throw new Refusal(50076, { resource: transaction.client.name }, { error: "access_denied" });
    transaction.signedIn = authority.sessions.signIn(c, transaction.signedIn.user, { mfa: true });
    return proceed(authority, c, transaction);
  },

  consent(authority, c, transaction, form) {
    if (!transaction.account) return proceed(authority, c, transaction);
    if (!form.accept) throw new Refusal(65004);
    const { user, guest } = transaction.account;
    acceptConsent(authority, transaction, Boolean(user.administrator && !guest && form.everybody));
    return proceed(authority, c, transaction);
  },

  /** "Use another account" on the error page. */
  restart(authority, c, transaction) {
    transaction.signedIn = transaction.account = undefined;
    const accounts = [...(authority.sessions.of(c)?.accounts.values() ?? [])];
    return accounts.length ? accountPage(c, transaction, accounts) : userNamePage(c, transaction);
  },

  /** "Back to the application" on the error page. */
  back(authority, c, transaction) {
    authority.transactions.close(transaction);
    return transaction.respond(c, transaction, transaction.refused);
  },

  confirm(authority, c, transaction, form) {
    if (!transaction.signedIn) return proceed(authority, c, transaction);
    return transaction.confirm(c, transaction, Boolean(form.accept));
  },
};

export function signInStep(authority) {
  return async (c) => {
    const form = await c.req.parseBody();
    const transaction = authority.transactions.find(form.ctx);
    const step = STEPS[c.req.param("step")];
    if (!transaction || !step) {
      return errorPage(c, { title: "This page is no longer open", message: "The sign-in took too long or was finished in another window. Go back to the application and start again." });
    }
    try {
      return await step(authority, c, transaction, form);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return refuse(authority, c, transaction, error);
    }
  };
}
