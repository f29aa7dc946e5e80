import { setTimeout as delay } from 'node:timers/promises';
import type { Adapter, AdapterPayload, ClientMetadata } from 'oidc-provider';

interface Entry {
    payload: AdapterPayload;
    expiresAt: number;
}

const accessTokenModels = ['AccessToken', 'ClientCredentials'];

/** Remembers what oidc-provider issues; a restart of the servers forgets nothing. */
export class ProviderStore {
    private readonly models = new Map<string, Map<string, Entry>>();

    /** @param alreadyUsed The error of the one who comes second when a token is used twice at the same time. */
    constructor(private readonly alreadyUsed: () => Error) {}

    readonly adapter = (model: string): Adapter => ({
        upsert: async (id, payload, expiresIn) => this.upsert(model, id, payload, expiresIn),
        find: async (id) => {
            const found = this.find(model, id)?.payload;
            if (model !== 'RefreshToken') return found;
            // As a database does, this lets others go ahead: two refreshes at the same time both find the token unused.
            const copy = found && { ...found };
            await delay(10, undefined, { ref: false });
            return copy;
        },
        findByUid: async () => undefined,
        findByUserCode: async (userCode) => this.findByUserCode(model, userCode),
        consume: async (id) => this.consume(model, id),
        destroy: async (id) => {
            this.of(model).delete(id);
        },
        revokeByGrantId: async (grantId) => this.revokeByGrantId(model, grantId),
    });

    /** Here and not in the configuration, since oidc-provider clones that into objects which are none of jest's. */
    addClients(clients: readonly ClientMetadata[]): void {
        for (const client of clients) this.upsert('Client', client.client_id, client);
    }

    forgetAccessTokens(): void {
        for (const model of accessTokenModels) this.of(model).clear();
    }

    private of(model: string): Map<string, Entry> {
        let entries = this.models.get(model);
        if (!entries) {
            entries = new Map();
            this.models.set(model, entries);
        }
        return entries;
    }

    /** oidc-provider counts in whole seconds and may end a token of 2 s after 1.1 s; this ends it on time. */
    private upsert(model: string, id: string, payload: AdapterPayload, expiresIn = Infinity): void {
        const { exp } = payload;
        const isAccessToken = accessTokenModels.includes(model) && exp !== undefined;
        this.of(model).set(id, {
            payload: isAccessToken ? { ...payload, exp: exp + 1 } : payload,
            expiresAt: isAccessToken ? Date.now() + expiresIn * 1000 : Infinity,
        });
    }

    private find(model: string, id: string): Entry | undefined {
        const entry = this.of(model).get(id);
        return entry && entry.expiresAt > Date.now() ? entry : undefined;
    }

    private findByUserCode(model: string, userCode: string): AdapterPayload | undefined {
        const entries = [...this.of(model).values()];
        return entries.find(({ payload }) => payload.userCode === userCode)?.payload;
    }

    /** Where two refreshes meet that run at the same time: the first one wins, the second one is a reuse. */
    private consume(model: string, id: string): void {
        const payload = this.find(model, id)?.payload;
        if (!payload || payload.consumed) {
            if (payload?.grantId !== undefined) this.forgetFamily(payload.grantId);
            throw this.alreadyUsed();
        }
        payload.consumed = Math.floor(Date.now() / 1000);
    }

    private forgetFamily(grantId: string): void {
        this.of('Grant').delete(grantId);
        for (const model of this.models.keys()) this.revokeByGrantId(model, grantId);
    }

    private revokeByGrantId(model: string, grantId: string): void {
        const entries = this.of(model);
        for (const [id, { payload }] of entries) {
            if (payload.grantId === grantId) entries.delete(id);
        }
    }
}
