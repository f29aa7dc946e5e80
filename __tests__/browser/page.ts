/** What runs in the page; the tests call it by `window.page`. */
import axios, { type AxiosInstance } from 'axios';
import {
    attachTokenCreator,
    createUserTokenCreator,
    withRefreshToken,
    type TokenGrantResponse,
} from '../../src/index.js';
import { dpop } from '../../src/dpop/index.js';

export interface PageSettings {
    readonly adapter: string;
    readonly tokenEndpoint: string;
    readonly clientId: string;
    readonly user: { readonly name: string; readonly password: string };
    readonly apiUrl?: string;
    readonly origins?: readonly string[];
    /** Whether the keys are those of the browser's store, where they stay. */
    readonly keepsKeys?: boolean;
    /** To begin with, instead of the password. */
    readonly refreshToken?: string;
}

interface StoredKeys {
    readonly privateKey: CryptoKey;
    readonly publicKey: CryptoKey;
}

let keys: StoredKeys | undefined;
let api: AxiosInstance;
let getToken: () => Promise<TokenGrantResponse>;

function settled<T>(request: IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB')));
    });
}

async function openStore(): Promise<IDBDatabase> {
    const opening = indexedDB.open('keys', 1);
    opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore('keys'));
    return settled(opening);
}

/** The key pair of this browser; made when there is none. */
async function storedKeys(): Promise<StoredKeys> {
    const database = await openStore();
    const objects = (mode: IDBTransactionMode) => database.transaction('keys', mode).objectStore('keys');
    const known = (await settled(objects('readonly').get('dpop'))) as StoredKeys | undefined;
    if (known) return known;
    const made = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
    await settled(objects('readwrite').put(made, 'dpop'));
    return made;
}

const page = {
    async begin(settings: PageSettings): Promise<void> {
        const { adapter, tokenEndpoint, clientId, user, apiUrl, refreshToken } = settings;
        keys = settings.keepsKeys ? await storedKeys() : undefined;
        const scheme = dpop(keys && { keyPair: keys });
        const options = { client: { adapter }, tokenEndpoint, clientId, scheme };
        const first: TokenGrantResponse = { access_token: 'none', token_type: 'DPoP', refresh_token: refreshToken };
        const logIn = createUserTokenCreator(user, options);
        const creator = refreshToken === undefined ? logIn : withRefreshToken(logIn, options);
        api = axios.create({ adapter, ...(apiUrl !== undefined && { baseURL: apiUrl }) });
        const { source } = attachTokenCreator(
            api,
            (context) => creator(context && refreshToken !== undefined ? { previous: first, ...context } : context),
            { scheme, ...(settings.origins && { origins: settings.origins }) },
        );
        getToken = async () => (await source.getToken()).grant;
    },

    async request(url: string, method = 'get', data?: unknown): Promise<{ status: number; data: unknown }> {
        const { status, data: answer } = await api.request<unknown>({ url, method, data, validateStatus: () => true });
        return { status, data: answer };
    },

    async requestMany(count: number): Promise<number[]> {
        const answers = Array.from({ length: count }, (_, id) => page.request(`/items/${id}`, 'put', { id }));
        return (await Promise.all(answers)).map(({ status }) => status);
    },

    grant: () => getToken(),

    /** Whether the private key can be had, and why not. */
    async describeKeys(): Promise<{ extractable: boolean; exported: string[] }> {
        const { privateKey } = await storedKeys();
        const attempts = (['jwk', 'pkcs8'] as const).map((format) =>
            crypto.subtle.exportKey(format as 'jwk', privateKey).then(
                () => 'exported',
                (error: Error) => error.name,
            ),
        );
        return { extractable: privateKey.extractable, exported: await Promise.all(attempts) };
    },

    isSecure: () => window.isSecureContext,
};

export type Page = typeof page;

Object.assign(window, { page });
