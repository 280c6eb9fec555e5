// Who is signed in. The role and the site are claims in the ID token, which an administrator's tools alone set.

import {
  getIdTokenResult,
  getMultiFactorResolver,
  multiFactor,
  type MultiFactorError,
  type MultiFactorResolver,
  onIdTokenChanged,
  signInWithEmailAndPassword,
  signOut,
  TotpMultiFactorGenerator,
  type User,
} from "firebase/auth";
import { Fault, type SecondFactor, type Session, type Stop, type TotpEnrolment } from "./cloud";
import type { Connection } from "./firebase-connection";
import { codeOf, timed, toFault, within } from "./firebase-faults";
import { cleanText, textOf, wordOf } from "./fields";

/** A session that was left open ends after half an hour without a touch, as it does with the embedded cloud. */
export const IDLE_MS = 30 * 60_000;
const LOOK_EVERY_MS = 15_000;
const USED_AT = "firstlight.used-at";
const KEPT = "firstlight.session";
const ISSUER = "Firstlight";
const FACTOR = "Authenticator app";
/** What a project answers that has no time-based codes: they are not switched on, or (invalid-argument) it is an emulator. */
const NO_TOTP = ["auth/operation-not-allowed", "auth/invalid-argument"];

export class Sessions {
  private readonly listeners = new Set<(session: Session | null) => void>();
  /** `undefined`: not known yet. */
  private session: Session | null | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly connection: Connection) {
    onIdTokenChanged(connection.auth, (user) => void this.become(user));
    for (const event of ["pointerdown", "keydown"]) globalThis.addEventListener?.(event, noteUse, { passive: true });
    setInterval(() => void this.endIfIdle(), LOOK_EVERY_MS);
  }

  listen(listener: (session: Session | null) => void): Stop {
    this.listeners.add(listener);
    if (this.session !== undefined) listener(this.session);
    return () => this.listeners.delete(listener);
  }

  /** Throws `Fault("signed_out")`. */
  required(): Session {
    if (!this.session) throw toFault({ code: "unauthenticated" });
    return this.session;
  }

  async signIn(name: string, password: string): Promise<Session | SecondFactor> {
    noteUse();
    try {
      const { user } = await timed(signInWithEmailAndPassword(this.connection.auth, name.trim(), password));
      return await this.welcome(user);
    } catch (error) {
      if (!isSecondFactorAsked(error)) throw toFault(error);
      const resolver = getMultiFactorResolver(this.connection.auth, error);
      return { confirm: async (code) => this.confirm(resolver, code) };
    }
  }

  async signOut(): Promise<void> {
    await within(signOut(this.connection.auth));
    await this.become(null);
  }

  async beginTotp(): Promise<TotpEnrolment | null> {
    const user = this.connection.auth.currentUser;
    if (!user) throw toFault({ code: "unauthenticated" });
    try {
      const session = await timed(multiFactor(user).getSession());
      const secret = await timed(TotpMultiFactorGenerator.generateSecret(session));
      return {
        uri: secret.generateQrCodeUrl(user.email ?? user.uid, ISSUER),
        secret: secret.secretKey,
        confirm: async (code) => {
          await within(multiFactor(user).enroll(TotpMultiFactorGenerator.assertionForEnrollment(secret, digits(code)), FACTOR));
        },
      };
    } catch (error) {
      if (NO_TOTP.includes(codeOf(error))) return null;
      throw toFault(error);
    }
  }

  private async confirm(resolver: MultiFactorResolver, code: string): Promise<Session> {
    const hint = resolver.hints.find((one) => one.factorId === TotpMultiFactorGenerator.FACTOR_ID);
    if (!hint) throw new Fault("unavailable", "This account asks for a second factor that the portal does not know.");
    const assertion = TotpMultiFactorGenerator.assertionForSignIn(hint.uid, digits(code));
    const { user } = await within(resolver.resolveSignIn(assertion));
    return this.welcome(user);
  }

  private async welcome(user: User): Promise<Session> {
    const session = await this.become(user);
    if (session) return session;
    await within(signOut(this.connection.auth));
    throw new Fault("not_allowed", "This account has no role at any site. An administrator can give it one.");
  }

  /** Takes the user's session, or nobody's, one change after the other. */
  private become(user: User | null): Promise<Session | null> {
    const turn = this.turn.then(() => this.change(user));
    this.turn = turn.catch(() => null);
    return turn;
  }

  /** Whoever leaves leaves nothing behind, and until that is done nobody comes in. */
  private async change(user: User | null): Promise<Session | null> {
    const session = user && usedLately() ? await sessionOf(user) : null;
    const before = this.session;
    if (session && before && before.uid !== session.uid) await this.forget();
    this.session = session;
    remember(session);
    if (!same(before, session)) for (const listener of [...this.listeners]) listener(session);
    if (session === null && before !== null) await this.forget();
    if (user && !usedLately()) await within(signOut(this.connection.auth)).catch(() => undefined);
    return session;
  }

  private async forget(): Promise<void> {
    await within(this.connection.forget()).catch(() => undefined);
  }

  private async endIfIdle(): Promise<void> {
    if (this.session && !usedLately()) await this.signOut().catch(() => undefined);
  }
}

async function sessionOf(user: User): Promise<Session | null> {
  try {
    const { claims } = await within(getIdTokenResult(user));
    const role = wordOf(claims["role"], ["doctor", "administrator"] as const);
    const site = textOf(claims["site"]);
    if (role === null || site === null) return null;
    return { uid: user.uid, name: nameIn(claims) ?? user.uid, role, site };
  } catch (error) {
    // Without a network a token that is too old cannot be renewed. What was read before may be read all the same.
    return toFault(error).kind === "signed_out" ? null : remembered(user.uid);
  }
}

function remember(session: Session | null): void {
  if (session) localStorage.setItem(KEPT, JSON.stringify(session));
  else localStorage.removeItem(KEPT);
}

function remembered(uid: string): Session | null {
  try {
    const session = JSON.parse(localStorage.getItem(KEPT) ?? "null") as Session | null;
    return session?.uid === uid ? session : null;
  } catch {
    return null;
  }
}

/** As the rules have it: a review or an audit entry under any other name is refused. */
function nameIn(claims: Readonly<Record<string, unknown>>): string | null {
  const { called } = claims;
  return typeof called === "string" ? called : null;
}

function isSecondFactorAsked(error: unknown): error is MultiFactorError {
  return codeOf(error) === "auth/multi-factor-auth-required";
}

function same(a: Session | null | undefined, b: Session | null): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function digits(code: string): string {
  return cleanText(code).replace(/\s/g, "");
}

function noteUse(): void {
  localStorage.setItem(USED_AT, String(Date.now()));
}

function usedLately(): boolean {
  const idle = Date.now() - Number(localStorage.getItem(USED_AT) ?? 0);
  return idle >= 0 && idle < IDLE_MS;
}
