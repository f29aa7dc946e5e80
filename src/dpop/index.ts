import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { generateProof } from 'dpop';
import { restoreConfig } from '../authorization.js';
import { copyConfig, type ConfigChanges } from '../config-copy.js';
import type { Challenge } from '../challenge.js';
import { answerIn } from '../error-chain.js';
import { headerOf } from '../headers.js';
import { checkFields, optional } from '../options.js';
import { challengesOf } from '../rejection.js';
import { discard, resendable } from '../request-body.js';
import { finalUrl } from '../request-url.js';
import type { AuthorizationScheme } from '../scheme.js';
import { nameWholeTimeout, remainingTimeout, startTimeBudget, whileWanted } from '../waiting.js';
import { KEY_PAIR, keyPairOf, type KeyPair } from './key-pair.js';
import { createNonces } from './nonces.js';

export type { WebCryptoKey } from '../crypto-key.js';
export type { AuthorizationScheme } from '../scheme.js';
export type { KeyPair } from './key-pair.js';

/** Options of {@link dpop}. */
export interface DpopOptions {
    /**
     * The key that tokens are bound to: ECDSA P-256, Ed25519, or RSA with SHA-256; its private key need not be
     * extractable. Keep it (in IndexedDB, say) as long as a refresh token that is bound to it.
     *
     * @default an ECDSA key pair of this scheme's own, generated when it is first needed, not extractable
     */
    keyPair?: KeyPair;
}

type Config = InternalAxiosRequestConfig;

const TYPE = 'DPoP';

/**
 * Binds tokens to a key (RFC 9449): each request carries a proof of its own for its method, URL and token. Nonces are
 * learnt from any answer; a request that is refused for want of one is sent once more. A token that the server did not
 * bind is refused: never does this fall back to Bearer.
 *
 * A redirected request goes on without token and proof, over Node's `http` adapter: the proof is for another URL.
 *
 * @example
 * ```ts
 * const scheme = dpop();
 * const creator = createClientTokenCreator({ id, secret }, { client: { baseURL }, scheme });
 * attachTokenCreator(api, creator, { scheme });
 * ```
 * @throws TypeError that names the option, at once, and where there is no WebCrypto (pages need a secure context)
 */
export function dpop(options: DpopOptions = {}): AuthorizationScheme {
    const own = checkFields('dpop', 'options', options, { keyPair: optional(KEY_PAIR) });
    if (!globalThis.crypto?.subtle)
        throw new TypeError('dpop: there is no WebCrypto here; a page needs a secure context');
    const keyPair = keyPairOf(own.keyPair);
    const nonces = createNonces();

    async function prove(config: Config, url: URL, nonce: string | undefined): Promise<string> {
        const method = (config.method ?? 'get').toUpperCase();
        return generateProof(await keyPair(), url.origin + url.pathname, method, nonce, tokenOf(config));
    }

    async function sendProven(
        send: AxiosAdapter,
        config: Config,
        mayResend: boolean,
        left = startTimeBudget(config),
        changes: ConfigChanges = {},
    ): Promise<AxiosResponse> {
        const url = new URL(finalUrl(config), 'http://localhost');
        const nonce = nonces.of(url.origin);
        const again = mayResend ? resendable(config.data) : undefined;
        const proof = await whileWanted(prove(config, url, nonce), config, left);
        const time = remainingTimeout(config, left);
        const headers = { ...changes.headers, [TYPE]: proof };
        const proven = copyConfig(config, { ...changes, ...time, headers });
        proven.beforeRedirect = bare(config.beforeRedirect);

        const resendOr = (response: AxiosResponse | undefined, deliver: () => AxiosResponse) => {
            const isNew = isAnswerOf(response, url) && nonces.learn(url.origin, response?.headers, nonce);
            if (!again || !isNew || !response || !wantsNonce(response)) return deliver();
            discard(response);
            return sendProven(send, config, false, left, again());
        };
        return send(proven).then(
            (response) => {
                restoreConfig(response, config, proven);
                return resendOr(response, () => response);
            },
            (failure: unknown) => {
                if (time) nameWholeTimeout(failure, config);
                return resendOr(
                    answerIn(failure, (settled) => restoreConfig(settled, config, proven)),
                    () => {
                        throw failure;
                    },
                );
            },
        );
    }

    return {
        type: TYPE,
        // A token request is repeated by whoever makes it: an assertion in it may be for one use.
        adapter: (send) => async (config) => sendProven(send, config, tokenOf(config) !== undefined),
    };
}

function tokenOf({ headers }: Config): string | undefined {
    return /^DPoP (.+)$/.exec(headerOf(headers, 'authorization') ?? '')?.[1];
}

function isForNonce({ scheme, parameters }: Challenge): boolean {
    return scheme === 'dpop' && parameters['error'] === 'use_dpop_nonce';
}

function wantsNonce(response: AxiosResponse): boolean {
    return response.status === 401 && challengesOf(response).some(isForNonce);
}

/** A redirect leads to another URL, for which there is no proof. */
function bare(own: Config['beforeRedirect']): NonNullable<Config['beforeRedirect']> {
    return (options, ...rest) => {
        const headers = options.headers as Record<string, unknown>;
        for (const name of Object.keys(headers)) if (/^(authorization|dpop)$/i.test(name)) delete headers[name];
        own?.(options, ...rest);
    };
}

/** Not if a redirect led elsewhere: over Node's `http` adapter without the proof, in a page to what `responseURL` tells. */
function isAnswerOf(response: AxiosResponse | undefined, { origin, pathname }: URL): boolean {
    const { getHeader, responseURL } = Object(response?.request) as { getHeader?: unknown; responseURL?: string };
    if (typeof getHeader === 'function') return getHeader.call(response?.request, 'dpop') !== undefined;
    return !/^https?:/i.test(responseURL ?? '') || responseURL?.replace(/[?#].*/, '') === origin + pathname;
}
