import axios, { AxiosError, type AxiosAdapter } from 'axios';
import { attachTokenCreator, createTokenSource, parseChallenges, type TokenSource } from '../../src/index.js';
import { createIssuer, until, wait } from '../support/servers.js';

const GOLD = 'Bearer error="insufficient_user_authentication", acr_values="gold"';
const INVALID = 'Bearer error="invalid_token"';

/** An API that refuses every token, and a client of it. */
function openApi(source: TokenSource, challengeOf: (token: string) => string) {
    const sent: string[] = [];
    const adapter: AxiosAdapter = async (config) => {
        const token = String(config.headers.get('authorization')).slice('Bearer '.length);
        sent.push(token);
        await wait(2);
        const headers = { 'www-authenticate': challengeOf(token) };
        throw new AxiosError('', '', config, undefined, { status: 401, statusText: '', data: '', headers, config });
    };
    const client = axios.create({ adapter });
    attachTokenCreator(client, source);
    return { client, sent };
}

it('a stronger token that is being created for the challenge is the last one, for all who wait for it', async () => {
    const issuer = createIssuer(3_600);
    issuer.delay = 5;
    const source = createTokenSource(issuer.creator);
    await source.getToken();
    const { client, sent } = openApi(source, () => GOLD);

    await Promise.allSettled(Array.from({ length: 10 }, () => client.get('/')));

    expect([sent.length, issuer.created]).toEqual([20, 2]);
});

it('a request that needs a stronger token as well is sent four times at most', async () => {
    let time = 1_000_000;
    const issuer = createIssuer(3_600);
    const source = createTokenSource(issuer.creator, { clock: { now: () => time, monotonic: () => time } });
    const [challenge] = parseChallenges(GOLD);
    await source.getToken();
    await source.getToken({ parameters: { challenge: challenge! } });
    time += 3_300_000;
    const arrive = issuer.hold();
    source.current(); // which renews it ahead
    const { client, sent } = openApi(source, (token) => (['token-1', 'token-3'].includes(token) ? INVALID : GOLD));
    const done = client.get('/').catch(() => {});
    await until(() => sent.length === 1);
    await wait(20);
    arrive();
    await done;

    expect(sent).toHaveLength(4);
});

it('a source that hands on a copy of a permission permits no third sending', async () => {
    const inner = createTokenSource(createIssuer(3_600).creator);
    const source = Object.assign(Object.create(inner) as TokenSource, {
        reject(...refusal: Parameters<TokenSource['reject']>) {
            const replay = inner.reject(...refusal);
            return replay && { ...replay };
        },
    });
    const { client, sent } = openApi(source, () => INVALID);

    await client.get('/').catch(() => {});

    expect(sent).toEqual(['token-1', 'token-2']);
});
