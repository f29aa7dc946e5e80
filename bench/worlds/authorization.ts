import { setTimeout as delay } from 'node:timers/promises';
import { createToken, FIRST_LETTERS, STATIC_TOKEN } from './tokens.js';
import type { AuthorizationOptions, Counts } from './world.js';

/** An answer of the token endpoint. */
export interface TokenAnswer {
    readonly status: number;
    /** JSON. */
    readonly body: string;
}

const UNAVAILABLE: TokenAnswer = { status: 503, body: '{"error":"temporarily_unavailable"}' };
const BEARER = `Bearer ${FIRST_LETTERS}`;

/** Issues tokens, and judges those that come back: what all worlds have in common. */
export class Authorization {
    #counts: Counts = { creations: 0, refused: 0, withoutToken: 0 };
    readonly #expiries = new Map<string, number>();
    readonly #options: AuthorizationOptions;
    fails = false;

    constructor(options: AuthorizationOptions) {
        this.#options = options;
        this.revoke();
    }

    get counts(): Counts {
        return this.#counts;
    }

    revoke(): void {
        this.#expiries.clear();
        // Looked up like any other, so that a static header is not checked faster.
        this.#expiries.set(STATIC_TOKEN, Infinity);
    }

    /** Answers any grant: client credentials, refresh tokens (none is refused), and what vendors made up. */
    async issue(): Promise<TokenAnswer> {
        const jti = String(this.#counts.creations);
        this.#counts = { ...this.#counts, creations: this.#counts.creations + 1 };
        const { creationTime, lifetime } = this.#options;
        if (creationTime > 0) await delay(creationTime);
        if (this.fails) return UNAVAILABLE;
        const token = createToken(jti, Date.now() / 1_000 + lifetime);
        this.#expiries.set(token, performance.now() + lifetime * 1_000);
        const grant = {
            access_token: token,
            token_type: 'Bearer',
            expires_in: lifetime,
            refresh_token: `refresh-${jti}`,
        };
        return { status: 200, body: JSON.stringify(grant) };
    }

    /** The status of the answer to a request with this header. */
    judge(authorization: string | undefined): 200 | 401 {
        if (!authorization?.startsWith(BEARER)) {
            this.#counts = { ...this.#counts, withoutToken: this.#counts.withoutToken + 1 };
            return 401;
        }
        if ((this.#expiries.get(authorization.slice('Bearer '.length)) ?? 0) > performance.now()) return 200;
        this.#counts = { ...this.#counts, refused: this.#counts.refused + 1 };
        return 401;
    }
}
