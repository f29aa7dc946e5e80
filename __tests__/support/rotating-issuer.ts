import { type TokenGrantResponse } from '../../src/index.js';

/** What becomes of one refresh: `lost` takes effect and the answer never comes, `unreachable` does not even arrive. */
export type RefreshEnding = 'rotated' | 'kept' | 'lost' | 'unreachable' | 'unavailable' | 'revoked';

/** Who is allowed what, and which of its refresh tokens counts. */
interface Family {
    readonly key: string;
    readonly scope: string;
    newest: number;
    isRevoked: boolean;
    /** The refresh tokens whose answer is still to come, and since when. */
    readonly onTheWire: Set<{ readonly rank: number; readonly since: number }>;
    /** Those whose answer did not come. */
    readonly lost: Set<number>;
}

interface Asked {
    readonly scope?: string | undefined;
    /** What the answer waits for once the request has arrived. */
    readonly until?: () => Promise<unknown>;
    readonly ending?: RefreshEnding | undefined;
}

/** What an access token is good for; its value tells it. */
export function readAccessToken(value: string): { key: string; family: number; rank: number; scope: string } {
    const [, key = '', family, rank, scope = ''] = value.split('/');
    return { key, family: Number(family), rank: Number(rank), scope };
}

/** The scope of those who ask for none. */
export const EVERYTHING = 'a+b+c';
/** For this scope there is a log-in, but no refresh that was not logged in for it. */
const APART = 'c';

/**
 * An authorization server in memory that replaces each refresh token and revokes the family of one that comes again. It
 * notes what no client may do.
 */
export class RotatingIssuer {
    readonly violations: string[] = [];
    /** Every refresh token as it came. */
    readonly refreshTokens: string[] = [];
    logIns = 0;
    replays = 0;
    expiresIn: number | undefined = 100;
    refreshTokenExpiresIn: number | undefined;
    /** Milliseconds after which an answer counts as lost, come it or not. */
    lostAfter = 120_000;
    readonly #families: Family[] = [];

    logIn({ key = '', scope = EVERYTHING }: { key?: string | undefined; scope?: string | undefined } = {}) {
        this.logIns += 1;
        const family = {
            key,
            scope,
            newest: 1,
            isRevoked: false,
            onTheWire: new Set<never>(),
            lost: new Set<number>(),
        };
        return this.#grant(family, this.#families.push(family) - 1, family.scope);
    }

    /** Judges when the request arrives. */
    async refresh(refreshToken: string, asked: Asked = {}): Promise<TokenGrantResponse> {
        const { until = async () => {}, ending = 'rotated' } = asked;
        this.refreshTokens.push(refreshToken);
        const [number = -1, rank = 0] = refreshToken.split('/').slice(2).map(Number);
        const family = this.#families[number];
        if (!family) throw refusal('invalid_grant');
        for (const other of family.onTheWire) {
            if (Date.now() - other.since < this.lostAfter) {
                this.violations.push(`${refreshToken} came while another of its family was out`);
            } else family.lost.add(other.rank);
        }
        const out = { rank, since: Date.now() };
        family.onTheWire.add(out);
        try {
            return await this.#answer(family, number, rank, { ...asked, until, ending });
        } finally {
            family.onTheWire.delete(out);
            if (Date.now() - out.since >= this.lostAfter) family.lost.add(rank);
        }
    }

    async #answer(
        family: Family,
        number: number,
        rank: number,
        { scope, until, ending }: Required<Omit<Asked, 'scope'>> & Asked,
    ) {
        if (ending === 'unreachable' || ending === 'unavailable') {
            await until();
            throw ending === 'unreachable' ? new Error('connection refused') : failure(503);
        }
        if (rank < family.newest) {
            this.replays += 1;
            if (!family.lost.has(rank)) this.violations.push(`${rank} of family ${number} came a second time`);
            family.isRevoked = true;
        }
        if (ending === 'revoked') family.isRevoked = true;
        const isAllowed =
            scope === undefined || family.scope === scope || (family.scope === EVERYTHING && scope !== APART);
        const refused = family.isRevoked ? 'invalid_grant' : isAllowed ? undefined : 'invalid_scope';
        if (!refused && ending !== 'kept') family.newest += 1;
        if (!refused && ending === 'lost') family.lost.add(rank);
        const granted = this.#grant(family, number, scope ?? family.scope);
        await until();
        if (refused) throw refusal(refused);
        if (ending === 'lost') throw new Error('connection cut');
        if (ending === 'kept') delete granted.refresh_token;
        return granted;
    }

    #grant({ key, newest }: Family, number: number, scope: string): TokenGrantResponse {
        return {
            access_token: `access/${key}/${number}/${newest}/${scope}`,
            token_type: 'Bearer',
            refresh_token: `refresh/${key}/${number}/${newest}`,
            ...(this.expiresIn !== undefined && { expires_in: this.expiresIn }),
            ...(this.refreshTokenExpiresIn !== undefined && { refresh_token_expires_in: this.refreshTokenExpiresIn }),
        };
    }
}

function failure(status: number, error?: string): Error {
    return Object.assign(new Error(error ?? `status ${status}`), { status, error });
}

function refusal(error: string): Error {
    return failure(400, error);
}
