import { withRefreshToken, type TokenCreator } from '../../src/index.js';
import { createMemoryStore, type SharedTokenEvent } from '../../src/shared/index.js';
import { RotatingIssuer } from '../support/rotating-issuer.js';
import { failOnUnhandledRejections } from '../support/servers.js';
import { interceptedStore, openNode, openNodes, SharedIssuer, tokensOf } from '../support/sharing.js';

failOnUnhandledRejections();

describe('a store that lies', () => {
    it('and forgets everything during a refresh gets the refresh token that came of it', async () => {
        const issuer = new RotatingIssuer();
        const store = createMemoryStore();
        let entry = '';
        const watched = { ...store, get: (name: string) => store.get((entry = name)) };
        const creator = (): TokenCreator =>
            withRefreshToken(async () => issuer.logIn(), {
                refresh: (token) => issuer.refresh(token, { until: () => store.delete(entry) }),
            });
        const [one, other] = [openNode(watched, creator()), openNode(store, creator())];
        await one.token();
        await one.refuse();
        await one.token();
        await other.token();
        await other.refuse();
        await other.token();

        expect(issuer.logIns).toBe(1);
        expect(issuer.refreshTokens).toEqual(['refresh//0/1', 'refresh//0/2']);
    });

    it('and forgets everything at once loses no request', async () => {
        const issuer = new SharedIssuer();
        const forgetful = { ...createMemoryStore(), get: async () => undefined };
        const nodes = openNodes(3, forgetful, issuer.creator);

        expect(await tokensOf(nodes)).toHaveLength(3);
    });

    it('and forgets everything at once has no failure repeated for ever', async () => {
        const issuer = new SharedIssuer();
        issuer.error = new Error('wrong secret');
        const store = createMemoryStore();
        let claimed: string | undefined;
        const forgetful = interceptedStore(store, async (operation, proceed) => {
            const result = await proceed();
            if (operation === 'compareAndSet') await store.delete(claimed!);
            return result;
        });
        const get = forgetful.get;
        const node = openNode({ ...forgetful, get: (name) => get((claimed = name)) }, issuer.creator);

        await expect(node.token()).rejects.toBe(issuer.error);
        expect(issuer.created).toBe(1);
    });

    it('and never writes loses no request', async () => {
        const issuer = new SharedIssuer();
        const node = openNode({ ...createMemoryStore(), compareAndSet: async () => false }, issuer.creator);

        expect(await node.token()).toBe('token-1');
        expect(node.told()).toEqual(['uncoordinated'] satisfies SharedTokenEvent['type'][]);
    });

    it('and says whether it wrote by anything but a boolean is as good as none', async () => {
        const base = createMemoryStore();
        const store = { ...base, compareAndSet: async () => '0' as unknown as boolean };
        const issuer = new SharedIssuer();
        const node = openNode(store, issuer.creator);

        expect(await node.token()).toBe('token-1');
        expect(node.told()).toContain('uncoordinated');
    });

    it('and says that it wrote what it did not lets each create', async () => {
        const issuer = new SharedIssuer();
        const nodes = openNodes(3, { ...createMemoryStore(), compareAndSet: async () => true }, issuer.creator);

        expect(await tokensOf(nodes)).toHaveLength(3);
    });
});
