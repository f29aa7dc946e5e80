import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify, type JWK, type JWTPayload } from 'jose';
import type { Nonces } from '../openid-provider/nonces.js';

export const proofAlgorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA', 'Ed25519'];

export interface ProvenRequest {
    readonly proof: string;
    readonly method: string;
    /** As it was requested. */
    readonly url: string;
    readonly token: string;
    /** The `cnf.jkt` of the token. */
    readonly thumbprint: string;
}

/** `useNonce` asks for the same once more with a nonce; otherwise the proof is wrong, for this reason. */
export interface ProofRefusal {
    readonly useNonce?: boolean;
    readonly reason: string;
}

/** The checks of RFC 9449 section 4.3, and that no proof is used twice. */
export class ProofVerifier {
    private readonly seen = new Set<string>();

    /** @param nonces Without them a nonce is neither asked for nor looked at. */
    constructor(private readonly nonces?: Nonces) {}

    async verify(request: ProvenRequest): Promise<ProofRefusal | undefined> {
        const { payload, protectedHeader } = await jwtVerify(request.proof, EmbeddedJWK, {
            typ: 'dpop+jwt',
            algorithms: proofAlgorithms,
        }).catch(() => ({ payload: undefined, protectedHeader: undefined }));
        if (!payload) return { reason: 'the proof is no JWT of type dpop+jwt that its own public key signed' };
        const reason = wrongClaim(payload, request);
        if (reason !== undefined) return { reason };
        if ((await calculateJwkThumbprint(protectedHeader.jwk as JWK)) !== request.thumbprint) {
            return { reason: 'the token is bound to another key' };
        }
        if (this.nonces) {
            const isAccepted = typeof payload['nonce'] === 'string' && this.nonces.accept(payload['nonce']);
            if (!isAccepted) return { useNonce: true, reason: 'a nonce of this server is required' };
        }
        const jti = payload.jti as string;
        if (this.seen.has(jti)) return { reason: 'the jti was used before' };
        this.seen.add(jti);
        return undefined;
    }
}

function wrongClaim(payload: JWTPayload, { method, url, token }: ProvenRequest): string | undefined {
    const { jti, iat, htm, htu, ath } = payload as JWTPayload & Record<'htm' | 'htu' | 'ath', unknown>;
    if (typeof jti !== 'string' || jti.length < 8) return 'jti is missing or short';
    if (typeof iat !== 'number' || Math.abs(Date.now() / 1000 - iat) > 60) return 'iat is missing or not recent';
    if (htm !== method) return 'htm is not the method';
    if (!isSameTarget(htu, url)) return 'htu is not the URL without query and fragment';
    return ath === createHash('sha256').update(token).digest('base64url') ? undefined : 'ath is not that of the token';
}

/** Section 4.3 lets a server overlook a query in `htu`; section 4.2 wants none, so this server looks. */
function isSameTarget(htu: unknown, url: string): boolean {
    if (typeof htu !== 'string' || !URL.canParse(htu)) return false;
    const { origin, pathname } = new URL(url);
    return new URL(htu).href === origin + pathname;
}

/** The claims of a proof, for those who look at what was received; nothing of them is checked. */
export function claimsOf(proof: string | undefined): Readonly<Record<string, unknown>> | undefined {
    try {
        const payload = Buffer.from(proof?.split('.')[1] ?? '', 'base64url').toString();
        return JSON.parse(payload) as Record<string, unknown>;
    } catch {
        return undefined;
    }
}
