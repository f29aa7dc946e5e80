import { setTimeout as delay } from 'node:timers/promises';
import { asRecord, type UnknownRecord } from '../../../examples/servers/records.js';
import { replaceRequest, sendCanned, type CannedAnswer, type Context, type Next } from './exchange.js';

/** `openid` is OpenID Connect Discovery, `oauth` is RFC 8414. */
export type DiscoveryKind = 'openid' | 'oauth';

export type Tamper = (document: UnknownRecord, kind: DiscoveryKind) => unknown;

export interface Discovery {
    /** How often each document was asked for, whatever the answer. */
    readonly requests: Record<DiscoveryKind, number>;
    /** What is switched off answers 404. */
    readonly offers: Record<DiscoveryKind, boolean>;
    /** Milliseconds. */
    delay: number;
    /** Changes the document before it is sent. */
    tamper?: Tamper;
    /** These are the answers to the next requests. */
    failWith(...answers: CannedAnswer[]): void;
}

const files = { openid: '/.well-known/openid-configuration', oauth: '/.well-known/oauth-authorization-server' };

export class DiscoveryDocuments implements Discovery {
    readonly requests = { openid: 0, oauth: 0 };
    readonly offers = { openid: true, oauth: true };
    delay = 0;
    tamper?: Tamper;
    private readonly canned: CannedAnswer[] = [];

    constructor(private readonly basePath: string) {}

    /** RFC 8414 puts the file name before the path of the issuer, OpenID Connect after it. */
    pathOf(kind: DiscoveryKind): string {
        return kind === 'openid' ? this.basePath + files.openid : files.oauth + this.basePath;
    }

    failWith(...answers: CannedAnswer[]): void {
        this.canned.push(...answers);
    }

    /** Whether the request was for a document. */
    async answer(context: Context, next: Next): Promise<boolean> {
        const kinds: DiscoveryKind[] = ['openid', 'oauth'];
        const kind = kinds.find((entry) => context.path === this.pathOf(entry));
        if (!kind || context.method !== 'GET') return false;
        this.requests[kind] += 1;
        await delay(this.delay, undefined, { ref: false });
        const canned = this.canned.shift();
        if (canned) {
            sendCanned(context, canned);
        } else if (this.offers[kind]) {
            replaceRequest(context, this.basePath, files[kind], '');
            await next();
            if (this.tamper) context.body = this.tamper(asRecord(context.body), kind);
        } else {
            context.status = 404;
        }
        return true;
    }
}
