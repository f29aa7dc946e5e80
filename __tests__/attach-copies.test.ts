import axios, { type AxiosInstance } from 'axios';
import * as here from '../src/index.js';
import { createIssuer, refuse, useServers, type TestServer } from './support/servers.js';

const serve = useServers();

type Package = typeof here;

/** The package once more, as an application has it whose dependencies bring a copy each. */
async function loadCopy(): Promise<Package> {
    const loaded: Package[] = [];
    await jest.isolateModulesAsync(async () => {
        loaded.push(await import('../src/index.js'));
    });
    const [copy] = loaded;
    if (!copy || copy.attachTokenCreator === here.attachTokenCreator) throw new Error('it is no copy');
    return copy;
}

async function arrange(): Promise<{ server: TestServer; client: AxiosInstance; copy: Package }> {
    const server = await serve(refuse);
    const client = axios.create({ baseURL: server.url, validateStatus: () => true });
    return { server, client, copy: await loadCopy() };
}

describe.each([
    ['this one and then another', false],
    ['another one and then this', true],
])('two copies of this package attached to the same instance, %s', (_name, isReversed) => {
    const order = (copy: Package): [Package, Package] => (isReversed ? [copy, here] : [here, copy]);

    it('the later attachment replaces the earlier one: one header, and one creation per 401', async () => {
        const { server, client, copy } = await arrange();
        const [earlier, later] = order(copy);
        const [first, second] = [createIssuer(), createIssuer()];
        earlier.attachTokenCreator(client, first.creator);
        later.attachTokenCreator(client, second.creator);

        await client.get('/me');

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
        expect([first.created, second.created]).toEqual([0, 2]);
    });

    it('detaching the later one leaves none', async () => {
        const { server, client, copy } = await arrange();
        const [earlier, later] = order(copy);
        earlier.attachTokenCreator(client, createIssuer().creator);

        later.attachTokenCreator(client, createIssuer().creator).detach();
        await client.get('/me');

        expect(server.authorizations).toEqual([undefined]);
    });

    it('detaching the earlier one, which was replaced, does nothing; then the later one, leaves none', async () => {
        const { server, client, copy } = await arrange();
        const [earlier, later] = order(copy);
        const replaced = earlier.attachTokenCreator(client, createIssuer().creator);
        const issuer = createIssuer();
        const attachment = later.attachTokenCreator(client, issuer.creator);

        replaced.detach();
        await client.get('/attached');
        expect(issuer.created).toBe(2);
        attachment.detach();
        await client.get('/detached');

        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2', undefined]);
    });

    it('a third attachment replaces the second one in its turn', async () => {
        const { server, client, copy } = await arrange();
        const [earlier, later] = order(copy);
        const issuer = createIssuer();
        earlier.attachTokenCreator(client, createIssuer().creator);
        later.attachTokenCreator(client, createIssuer().creator);

        const third = earlier.attachTokenCreator(client, issuer.creator);
        await client.get('/me');
        third.detach();
        await client.get('/detached');

        expect(issuer.created).toBe(2);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2', undefined]);
    });
});
