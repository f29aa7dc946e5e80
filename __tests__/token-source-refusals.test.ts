import { parseChallenges, type AuthorizationScheme } from '../src/index.js';
import { createSourceUnderTest, grant } from './support/deferred.js';

describe('a refusal that is not about the token', () => {
    it.each(['insufficient_scope', 'invalid_dpop_proof', 'use_dpop_nonce'])('is the answer: %s', async (error) => {
        const scheme: AuthorizationScheme = { type: 'DPoP', adapter: (send) => send };
        const { source, calls, obtain } = createSourceUnderTest({ scheme });
        const token = await obtain({ ...grant('a', 3_600), token_type: 'DPoP' });
        const challenges = parseChallenges(`DPoP error="${error}"`);

        expect(source.reject(token, { status: 401, challenges })).toBeUndefined();

        expect(source.current()).toBe(token);
        expect(calls).toHaveLength(1);
    });
});
