import type Provider from 'oidc-provider';
import { asRecord } from '../../../examples/servers/records.js';
import { defaultAcr } from './configuration.js';
import { defaultScope, resourceServerOf, scopes } from './resources.js';

interface Polling {
    /** Milliseconds that must lie between two polls. */
    interval: number;
    lastPoll: number;
}

/** A timer of Node.js may fire a millisecond early. */
const tolerance = 10;

export interface DevicesOptions {
    provider: Provider;
    /** Seconds between two polls. */
    interval: number;
    /** Seconds that a `slow_down` adds to the interval (RFC 8628 section 3.5). */
    slowDownBy: number;
}

/** What the user does with a device code, and the polling interval, of which oidc-provider knows nothing. */
export class Devices {
    private readonly polling = new Map<string, Polling>();

    constructor(private readonly options: DevicesOptions) {}

    async approve(userCode: string, accountId: string): Promise<void> {
        const { provider } = this.options;
        const code = await this.find(userCode);
        const { scope, resource } = code.params ?? {};
        const identifiers = [resource].flat().filter((entry) => typeof entry === 'string');
        const asked = typeof scope === 'string' ? scope.split(' ') : defaultScope.split(' ');
        const grant = new provider.Grant({ accountId, clientId: code.clientId });
        grant.addOIDCScope(asked.filter((name) => scopes.includes(name)));
        for (const identifier of identifiers) {
            grant.addResourceScope(identifier, resourceServerOf(identifier)?.scope ?? '');
        }
        Object.assign(code, {
            accountId,
            grantId: await grant.save(),
            scope: asked.join(' '),
            acr: defaultAcr,
            authTime: Math.floor(Date.now() / 1000),
            ...(identifiers.length > 0 && { resource: identifiers }),
        });
        await code.save();
    }

    async deny(userCode: string): Promise<void> {
        const code = await this.find(userCode);
        Object.assign(code, { error: 'access_denied', errorDescription: 'End-User aborted interaction' });
        await code.save();
    }

    /** Whether this poll comes too soon; from then on the client has to wait longer. */
    isTooFast(deviceCode: string): boolean {
        const polling = this.polling.get(deviceCode);
        if (!polling) return false;
        const isTooFast = Date.now() < polling.lastPoll + polling.interval - tolerance;
        polling.lastPoll = Date.now();
        if (isTooFast) polling.interval += this.options.slowDownBy * 1000;
        return isTooFast;
    }

    /** Only `authorization_pending` counts as a poll, not a demand for a DPoP nonce. */
    noteAnswer(deviceCode: string, status: number, answer: unknown): void {
        if (asRecord(answer)['error'] === 'authorization_pending') {
            const interval = this.polling.get(deviceCode)?.interval ?? this.options.interval * 1000;
            this.polling.set(deviceCode, { interval, lastPoll: Date.now() });
        } else if (status === 200) {
            this.polling.delete(deviceCode);
        }
    }

    private async find(userCode: string) {
        const normalized = userCode.toUpperCase().replaceAll(/\W/g, '');
        const code = await this.options.provider.DeviceCode.findByUserCode(normalized);
        if (!code || code.accountId !== undefined || code.error !== undefined) {
            throw new Error(`no device waits with the code ${userCode}`);
        }
        return code;
    }
}
