import { createHash } from 'node:crypto';
import { SignJWT, type JWTPayload } from 'jose';
import { assertionIssuer, clients, testKeys, users, type TestKey } from './openid-provider.js';

/** What a plain client of an authorization server sends and sees, by fetch and jose alone. */
export interface Answer {
    status: number;
    headers: Headers;
    body: Record<string, string | undefined> & { expires_in?: number };
}

export type FormFields = Record<string, string> | [string, string][];

export async function post(url: string, fields: FormFields, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers });
    const text = await response.text();
    return {
        status: response.status,
        headers: response.headers,
        body: (text.startsWith('{') ? JSON.parse(text) : {}) as Answer['body'],
    };
}

interface ClientWithSecret {
    id: string;
    secret: string;
}

export function secretPost({ id, secret }: ClientWithSecret) {
    return { client_id: id, client_secret: secret };
}

export const asPost = secretPost(clients.post);

/** RFC 6749 section 2.3.1: each half is encoded as a form first. */
export function basic({ id, secret }: ClientWithSecret): { authorization: string } {
    return { authorization: `Basic ${Buffer.from(`${formEncode(id)}:${formEncode(secret)}`).toString('base64')}` };
}

const formEncode = (value: string) => new URLSearchParams({ '': value }).toString().slice(1);

export function passwordGrant(user: { username: string; password: string } = users.admin) {
    return { grant_type: 'password', ...user };
}

/** A claim that is `undefined` is left out. */
export type Claims = { [name in keyof JWTPayload]?: JWTPayload[name] | undefined };

const now = () => Math.floor(Date.now() / 1000);

async function signJwt(claims: Claims, key: TestKey, alg: string = key.alg): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg, kid: key.kid }).sign(key.privateKey);
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** For private_key_jwt and client_secret_jwt. */
export async function clientAssertion(
    clientId: string,
    key: TestKey | string,
    audience: string,
    claims: Claims = {},
    alg?: string,
): Promise<Record<string, string>> {
    const payload = {
        iss: clientId,
        sub: clientId,
        aud: audience,
        exp: now() + 60,
        jti: crypto.randomUUID(),
        ...claims,
    };
    const signed =
        typeof key === 'string'
            ? await new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(key))
            : await signJwt(payload, key, alg);
    return { client_assertion_type: assertionType, client_assertion: signed };
}

/** For the jwt-bearer grant. */
export async function userAssertion(audience: string, claims: Claims = {}, signer?: TestKey): Promise<string> {
    const key = signer ?? (await testKeys()).ES256;
    const payload = { iss: assertionIssuer, sub: 'admin', aud: audience, exp: now() + 60, jti: crypto.randomUUID() };
    return signJwt({ ...payload, ...claims }, key);
}

export interface ProofOptions {
    method?: string;
    token?: string;
    nonce?: string | undefined;
    /** Stand above the others; one that is `undefined` is left out. */
    claims?: Record<string, unknown>;
    header?: Record<string, unknown>;
}

/** A DPoP proof (RFC 9449 section 4.2), or what differs from one. */
export async function dpopProof(key: TestKey, url: string, options: ProofOptions = {}): Promise<string> {
    const { method = 'POST', token, nonce, claims, header } = options;
    const payload = {
        jti: crypto.randomUUID(),
        htm: method,
        htu: url,
        iat: now(),
        ...(token !== undefined && { ath: createHash('sha256').update(token).digest('base64url') }),
        ...(nonce !== undefined && { nonce }),
        ...claims,
    };
    const { kty, crv, x, y, n, e } = key.publicJwk;
    const protectedHeader = { alg: key.alg, typ: 'dpop+jwt', jwk: { kty, crv, x, y, n, e }, ...header };
    return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(key.privateKey);
}

/** Sends a form with a DPoP proof, and once more when a nonce is asked for. */
export async function postProven(
    key: TestKey,
    url: string,
    fields: FormFields,
    options: ProofOptions = {},
): Promise<Answer> {
    const send = async (nonce?: string) =>
        post(url, fields, { dpop: await dpopProof(key, url, { nonce, ...options }) });
    const first = await send();
    if (first.body.error !== 'use_dpop_nonce') return first;
    return send(first.headers.get('dpop-nonce') ?? undefined);
}
