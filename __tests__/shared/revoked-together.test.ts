import axios, { AxiosError, type AxiosAdapter } from 'axios';
import { attachTokenCreator } from '../../src/index.js';
import { createMemoryStore } from '../../src/shared/index.js';
import { failOnUnhandledRejections } from '../support/servers.js';
import { openNode, SharedIssuer, type Node } from '../support/sharing.js';

failOnUnhandledRejections();

/** An API that takes the tokens from a certain number on, and what was sent to it. */
function openApi() {
    const api = { takesFrom: 1, sent: [] as string[] };
    const adapter: AxiosAdapter = async (config) => {
        const authorization = String(config.headers.get('authorization'));
        api.sent.push(authorization);
        const status = Number(authorization.slice('Bearer token-'.length)) >= api.takesFrom ? 200 : 401;
        const response = { status, statusText: '', data: '', headers: {}, config };
        if (status === 200) return response;
        throw new AxiosError('refused', undefined, config, undefined, response);
    };
    const clientOf = ({ source }: Node) => {
        const client = axios.create({ baseURL: 'http://api.test', adapter });
        attachTokenCreator(client, source);
        return client;
    };
    return { api, clientOf };
}

/** Two nodes, of which the first has the token before that of the second. */
async function arrange() {
    const store = createMemoryStore();
    const issuer = new SharedIssuer();
    const [node, other] = [openNode(store, issuer.creator), openNode(store, issuer.creator)];
    await node.token();
    await other.refuse();
    await other.token();
    return { issuer, node, other, ...openApi() };
}

describe('all tokens of the fleet are revoked', () => {
    it('in a node that holds an earlier one than the others nothing is lost', async () => {
        const { issuer, node, api, clientOf } = await arrange();
        const client = clientOf(node);
        api.takesFrom = 3;

        const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => client.get(`/${index}`)));

        expect(answers.every(({ status }) => status === 200)).toBe(true);
        expect(issuer.created).toBe(3);
        expect(new Set(api.sent)).toEqual(new Set(['Bearer token-1', 'Bearer token-2', 'Bearer token-3']));
        expect(api.sent).toHaveLength(150);
    });

    it('so it is for tokens whose lifetime nobody told', async () => {
        const issuer = new SharedIssuer();
        issuer.lifetime = undefined;
        const store = createMemoryStore();
        const [node, other] = [openNode(store, issuer.creator), openNode(store, issuer.creator)];
        await node.token();
        await other.refuse();
        await other.token();
        const { api, clientOf } = openApi();
        api.takesFrom = 3;

        expect((await clientOf(node).get('/')).status).toBe(200);
        expect(issuer.created).toBe(3);
    });

    it('an API that takes no token costs a request three sendings at most', async () => {
        const { issuer, node, api, clientOf } = await arrange();
        api.takesFrom = 99;

        await expect(clientOf(node).get('/never')).rejects.toMatchObject({ response: { status: 401 } });

        expect(api.sent).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-3']);
        expect(issuer.created).toBe(3);
    });

    it('an API that takes no token costs a fleet one creation for all each time, and one for each node once', async () => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        const nodes = Array.from({ length: 5 }, () => openNode(store, issuer.creator));
        for (const node of nodes) await node.token();
        const { api, clientOf } = openApi();
        api.takesFrom = 99;
        const clients = nodes.map(clientOf);

        const created: number[] = [];
        for (let round = 0; round < 5; round += 1) {
            for (const client of clients) await client.get('/never').catch(() => {});
            created.push(issuer.created);
        }

        expect(created).toEqual([6, 7, 8, 9, 10]);
    });

    it('and once a sending has helped, nothing is lost again', async () => {
        const { issuer, node, other, api, clientOf } = await arrange();
        const client = clientOf(node);
        api.takesFrom = 99;
        await expect(client.get('/never')).rejects.toMatchObject({ response: { status: 401 } });
        api.takesFrom = 4;
        expect((await client.get('/healed')).status).toBe(200);
        await other.refuse();
        await other.refuse();
        expect(await other.token()).toBe('token-5');
        api.takesFrom = 6;

        expect((await client.get('/')).status).toBe(200);
        expect(issuer.created).toBe(6);
    });

    it('a token that another node created because of the same revocation is doubted by nobody', async () => {
        const store = createMemoryStore();
        const issuer = new SharedIssuer();
        const nodes = [openNode(store, issuer.creator), openNode(store, issuer.creator)] as const;
        await nodes[0].token();
        await nodes[1].token();
        issuer.delay = 60;
        const { api, clientOf } = openApi();
        api.takesFrom = 99;
        const clients = nodes.map(clientOf);

        await Promise.allSettled(clients.map((client) => client.get('/never')));

        expect(issuer.created).toBe(2);
        expect(api.sent).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
    });
});
