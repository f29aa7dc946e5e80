import MockAdapter from 'axios-mock-adapter';
import { TokenError } from '../../src/index.js';
import { createTestTokenCreator } from '../../src/testing/index.js';
import { createShop } from './shop.js';

function openShop() {
    const creator = createTestTokenCreator({ expiresIn: 600 });
    const shop = createShop('https://shop.example.com', creator, { clock: creator.clock });
    const mock = new MockAdapter(shop.api);
    mock.onGet('/api/orders/7').reply((config) =>
        creator.isLive(config.headers?.Authorization) ? [200, 'tea'] : [401],
    );
    const reasons = () => creator.calls.map((context) => context?.reason);
    return { creator, shop, mock, reasons };
}

it('asks for one token, however many orders are wanted at once', async () => {
    const { creator, shop } = openShop();

    const orders = await Promise.all([shop.order(7), shop.order(7), shop.order(7)]);

    expect(orders).toEqual(['tea', 'tea', 'tea']);
    expect(creator.issued).toEqual(['test-token-1']);
});

it('goes on when the token has expired, and when it was revoked', async () => {
    const { creator, shop, reasons } = openShop();
    await shop.order(7);

    creator.clock.advance(600_000); // the token lives for 600 s
    expect(await shop.order(7)).toBe('tea');
    creator.revoke();
    expect(await shop.order(7)).toBe('tea');

    expect(reasons()).toEqual(['missing', 'expired', 'rejected']);
});

it('goes on after the laptop slept, and after its clock was set back', async () => {
    const { creator, shop, reasons } = openShop();
    await shop.order(7);

    creator.clock.sleep(3_600_000);
    expect(await shop.order(7)).toBe('tea');
    creator.clock.setBack(86_400_000);
    creator.clock.advance(600_000);
    expect(await shop.order(7)).toBe('tea');

    expect(reasons()).toEqual(['missing', 'expired', 'expired']);
});

it('says so while there is no token, and gets over it', async () => {
    const { creator, shop } = openShop();
    creator.fail(new TokenError('network', 'the login is down'));

    expect(await shop.order(7)).toBe('not now');
    expect(await shop.order(7)).toBe('tea');
});

it('answers those who wait when somebody logs out', async () => {
    const { creator, shop } = openShop();
    const release = creator.hold();
    const order = shop.order(7);

    await Promise.resolve(); // the request is under way
    shop.logOut();
    release();

    expect(await order).toBe('not now');
});
