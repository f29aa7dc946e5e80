import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Entry {
    payload: AdapterPayload;
    expiresAt: number;
}

const accessTokenModels = ['AccessToken', 'ClientCredentials'];

export interface TokenStoreOptions {
    /** Seconds. The store ends access tokens to the millisecond, oidc-provider counts in whole seconds. */
    accessTokenLifetime: () => number;
    /** Whether a refresh token that is used twice takes with it all that came of it. */
    reuseRevokesFamily: boolean;
    /** The error of the one who comes second when a refresh token is used twice at the same time. */
    alreadyUsed: () => Error;
}

/** TokenStore remembers what oidc-provider issues, without the limit of 1,000 entries of its own in-memory adapter. */
export class TokenStore {
    private readonly entries = new Map<string, Map<string, Entry>>();

    constructor(private readonly options: TokenStoreOptions) {}

    readonly adapter = (model: string): Adapter => ({
        upsert: (id, payload, expiresIn) => this.upsert(model, id, payload, expiresIn),
        find: async (id) => this.findUsable(model, id)?.payload,
        findByUid: async () => undefined,
        findByUserCode: async () => undefined,
        consume: (id) => this.consume(model, id),
        destroy: async (id) => {
            this.of(model).delete(id);
        },
        revokeByGrantId: (grantId) => this.revokeByGrantId(model, grantId),
    });

    isActive(token: string): boolean {
        return this.expiryOf(token) !== undefined;
    }

    /** expiryOf is in milliseconds since the epoch; undefined when the access token is not valid. */
    expiryOf(token: string): number | undefined {
        for (const model of accessTokenModels) {
            const entry = this.find(model, token);
            if (entry) {
                return entry.expiresAt;
            }
        }
        return undefined;
    }

    forgetAccessTokens(): void {
        for (const model of accessTokenModels) {
            this.of(model).clear();
        }
    }

    private of(model: string): Map<string, Entry> {
        let entries = this.entries.get(model);
        if (!entries) {
            entries = new Map();
            this.entries.set(model, entries);
        }
        return entries;
    }

    private find(model: string, id: string): Entry | undefined {
        const entry = this.of(model).get(id);
        if (entry && entry.expiresAt <= Date.now()) {
            this.of(model).delete(id);
            return undefined;
        }
        return entry;
    }

    /** A used refresh token that is not found is refused, and nothing else happens. */
    private findUsable(model: string, id: string): Entry | undefined {
        const entry = this.find(model, id);
        return entry?.payload.consumed && !this.options.reuseRevokesFamily ? undefined : entry;
    }

    private async upsert(model: string, id: string, payload: AdapterPayload, expiresIn = Infinity): Promise<void> {
        const seconds = accessTokenModels.includes(model) ? this.options.accessTokenLifetime() : expiresIn;
        this.of(model).set(id, { payload, expiresAt: Date.now() + seconds * 1000 });
    }

    /** consume is where two refreshes that run at the same time meet: the first one wins. */
    private async consume(model: string, id: string): Promise<void> {
        const entry = this.find(model, id);
        if (!entry || entry.payload.consumed) {
            throw this.options.alreadyUsed();
        }
        entry.payload.consumed = Math.floor(Date.now() / 1000);
    }

    private async revokeByGrantId(model: string, grantId: string): Promise<void> {
        const entries = this.of(model);
        for (const [id, { payload }] of entries) {
            if (payload.grantId === grantId) {
                entries.delete(id);
            }
        }
    }
}
