import { createClientTokenCreator, createUserTokenCreator } from '../../src/index.js';
import { createTestAuthorizationServer, type TestAuthorizationServer } from '../../src/testing/index.js';
import { createShop } from './shop.js';

let server: TestAuthorizationServer;

beforeEach(async () => {
    server = await createTestAuthorizationServer();
});
afterEach(() => server.close());

function openShop() {
    const client = { baseURL: server.url, timeout: 2_000 };
    return createShop(server.url, createClientTokenCreator({ id: 'shop', secret: 'xxx' }, { client }));
}

it('needs no authorization server while it has a token, and heals when both are back', async () => {
    const shop = openShop();
    await shop.order(7);
    const end = server.inject({ type: 'status', status: 503 }, { times: Infinity });

    expect(await shop.order(7)).toMatchObject({ path: '/api/orders/7', tokenNumber: 1 });
    server.revoke(); // now it needs one
    expect(await shop.order(7)).toBe('not now');

    end();
    expect(await shop.order(7)).toMatchObject({ tokenNumber: 2 });
});

it('makes one token of any number of 401s', async () => {
    const shop = openShop();
    await shop.order(1);

    server.revoke();
    const orders = await Promise.all(Array.from({ length: 50 }, (_, id) => shop.order(id)));

    expect(orders).not.toContain('not now');
    expect(server.counts).toMatchObject({ tokenRequests: 2, refusedResourceRequests: 50 });
});

it('takes no harm from one bad answer of the API', async () => {
    const shop = openShop();
    server.inject({ type: 'status', status: 401 }, { endpoint: 'resource' });

    expect(await shop.order(7)).toMatchObject({ tokenNumber: 2 });
});

it('makes the customer log in again when the answer to a refresh was lost', async () => {
    const client = { baseURL: server.url };
    const shop = createShop(server.url, createUserTokenCreator({ name: 'admin', password: 'start123' }, { client }));
    await shop.order(7);
    server.inject({ type: 'lost-answer' }, { grantType: 'refresh_token' });

    server.revoke();
    expect(await shop.order(7)).toBe('not now');
    // The server takes the second use of the refresh token for theft.
    expect(await shop.order(7)).toMatchObject({ path: '/api/orders/7' });

    expect(server.counts.reuseAttempts).toBe(1);
    expect(server.counts.byGrantType).toEqual({ password: 2, refresh_token: 2 });
});

it('does not wait for ever', async () => {
    const shop = openShop();
    const end = server.inject({ type: 'hold' });

    expect(await shop.order(7)).toBe('not now');

    end(); // the answer is sent; nobody waits for it any more
    expect(await shop.order(7)).toMatchObject({ tokenNumber: 2 });
});

it('does not believe a clock', async () => {
    let ahead = 0;
    const odd = await createTestAuthorizationServer({ clock: { now: () => Date.now() + ahead } });
    const client = { baseURL: odd.url };
    const shop = createShop(odd.url, createClientTokenCreator({ id: 'shop', secret: 'xxx' }, { client }));
    await shop.order(7);

    ahead = 3_600_000; // the server thinks that the token has expired
    expect(await shop.order(7)).toMatchObject({ tokenNumber: 2 });

    await odd.close();
});
