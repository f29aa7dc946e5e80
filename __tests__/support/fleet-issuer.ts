import { createGate } from './gate.js';
import { type RotatingIssuer } from './rotating-issuer.js';
import { ok, refuse, sendJson, wait, type Exchange, type Route } from './servers.js';

/** A request to the token endpoint. */
export interface TokenRequest {
    /** Which node sent it. */
    readonly node: string;
    /** Milliseconds since the epoch at which it was read. */
    readonly at: number;
    readonly form: URLSearchParams;
    /** Absent until it is answered. */
    status?: number;
}

/** An authorization server and an API that knows its tokens: the routes of two servers. */
export class FleetIssuer {
    readonly requests: TokenRequest[] = [];
    /** By token, the nodes that were let through with it. */
    readonly users = new Map<string, Set<string>>();
    /** How often the API said 401. */
    refusals = 0;
    /** Seconds. */
    lifetime = 3_600;
    /** Milliseconds that the token endpoint takes. */
    delay = 100;
    /** What the token endpoint says instead of giving a token. */
    error: { readonly status: number; readonly error: string; readonly retryAfter?: number } | undefined;
    readonly #live = new Map<string, number>();
    readonly #gates: Promise<void>[] = [];

    /** @param rotating - gives the tokens, for refresh tokens that are used once */
    constructor(private readonly rotating?: RotatingIssuer) {}

    readonly token: Route = async (exchange) => {
        const { received } = exchange;
        const form = new URLSearchParams(received.body.toString());
        const request: TokenRequest = { node: nodeOf(exchange), at: Date.now(), form };
        this.requests.push(request);
        const gate = this.#gates.shift();
        const until = async (): Promise<void> => {
            await wait(this.delay);
            await gate;
        };
        const [status, answer] = await this.#answer(form, until);
        request.status = status;
        const { retryAfter } = this.error ?? {};
        if (retryAfter !== undefined) exchange.response.setHeader('retry-after', retryAfter);
        sendJson(exchange, status, answer);
    };

    readonly api: Route = (exchange) => {
        const token = exchange.received.headers.authorization?.replace('Bearer ', '') ?? '';
        if ((this.#live.get(token) ?? 0) < Date.now()) {
            this.refusals += 1;
            return refuse(exchange);
        }
        const users = this.users.get(token) ?? new Set();
        this.users.set(token, users.add(nodeOf(exchange)));
        return ok(exchange);
    };

    /** No token that was given so far counts any more. */
    revoke(): void {
        this.#live.clear();
    }

    /** The next request is answered only after the function that it returns was called; others are not held. */
    holdNext(): () => void {
        const { opened, open } = createGate();
        this.#gates.push(opened);
        return open;
    }

    /** Milliseconds between one request to the token endpoint and the next. */
    gaps(): number[] {
        return this.requests.slice(1).map(({ at }, index) => at - (this.requests[index]?.at ?? 0));
    }

    async #answer(form: URLSearchParams, until: () => Promise<void>): Promise<[number, object]> {
        try {
            if (this.error) throw this.error;
            const granted = await this.#grant(form, until);
            this.#live.set(granted.access_token, Date.now() + this.lifetime * 1_000);
            return [200, granted];
        } catch (refusal) {
            await until();
            const { status = 500, error } = refusal as { status?: number; error?: string };
            return [status, { error }];
        }
    }

    async #grant(form: URLSearchParams, until: () => Promise<void>) {
        const refreshToken = form.get('refresh_token');
        if (this.rotating) {
            if (refreshToken === null) throw Object.assign(new Error('no refresh token'), { status: 400 });
            const scope = form.get('scope') ?? undefined;
            return { ...(await this.rotating.refresh(refreshToken, { until, scope })), expires_in: this.lifetime };
        }
        const token = `token-${this.requests.length}`;
        await until();
        return { access_token: token, token_type: 'Bearer', expires_in: this.lifetime };
    }
}

function nodeOf({ received }: Exchange): string {
    return String(received.headers['x-node']);
}
