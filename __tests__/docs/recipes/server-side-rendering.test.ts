import type { Server } from 'node:http';
import axios, { type AxiosInstance } from 'axios';
import { closeAtOnce, listenOnLoopback } from '../../../examples/servers/loopback.js';
import { useServers, wait } from '../../support/servers.js';
import { differences, SAME } from '../excerpts.js';
import { createSite } from './server-side-rendering.js';
import { serveTokens } from './stage.js';

const serve = useServers();
const sites: Server[] = [];
afterEach(() => Promise.all(sites.splice(0).map(closeAtOnce)));

it('docs/recipes/server-side-rendering.md shows the code that is run here, to the letter, and no other', () => {
    expect(differences('recipes/server-side-rendering.md', ['recipes/server-side-rendering.ts'])).toEqual(SAME);
});

/** Tokens name their user, and the API answers with the name that it finds; both take their time, each time another. */
async function startSite(users: readonly string[]) {
    const valid = new Set<string>();
    const refreshTokens = new Map(users.map((user) => [user, `${user}:0`]));
    const auth = await serveTokens(serve, '/token', ({ refresh_token = '' }, index) => {
        const [user = ''] = refresh_token.split(':');
        if (refreshTokens.get(user) !== refresh_token) return { error: 'invalid_grant' };
        valid.add(`Bearer ${user}.${index}`);
        return { access_token: `${user}.${index}`, refresh_token: `${user}:${index}`, token_type: 'Bearer' };
    });
    const api = await serve(async ({ received, response }) => {
        await wait(Math.random() * 5);
        const { authorization = '' } = received.headers;
        if (!valid.has(authorization)) return void response.writeHead(401).end();
        const user = authorization.slice('Bearer '.length).split('.')[0];
        return void response.end(`${received.url} of ${user}`);
    });
    const site = createSite(api.url, `${auth.url}/token`, {
        read: async (session) => refreshTokens.get(session),
        write: async (session, refreshToken) => void refreshTokens.set(session, refreshToken),
    });
    sites.push(site);
    const baseURL = `http://127.0.0.1:${await listenOnLoopback(site)}`;
    const browser = axios.create({ baseURL, validateStatus: () => true, maxRedirects: 0 });
    return { auth, api, valid, refreshTokens, browser };
}

const cookie = (user: string) => ({ headers: { cookie: `theme=dark; session=${user}` } });

async function pagesOf(browser: AxiosInstance, visits: readonly string[]): Promise<unknown[]> {
    return Promise.all(visits.map(async (user) => (await browser.get<unknown>('/', cookie(user))).data));
}

const pageOf = (user: string) => `<h1>/me of ${user}</h1><p>/orders of ${user}</p>`;

const users = Array.from({ length: 30 }, (_, index) => `user-${index}`);

describe('a site that renders for each user', () => {
    it('shows everybody their own page, however many come at once, and asks for one token each', async () => {
        const { browser, auth } = await startSite(users);
        const visits = [...users, ...users, ...users];

        expect(await pagesOf(browser, visits)).toEqual(visits.map(pageOf));
        expect(auth.forms).toHaveLength(users.length);
    });

    it('does so while all their tokens are revoked', async () => {
        const { browser, auth, valid } = await startSite(users);
        await pagesOf(browser, users);
        valid.clear();

        expect(await pagesOf(browser, [...users, ...users])).toEqual([...users, ...users].map(pageOf));
        expect(auth.forms).toHaveLength(2 * users.length);
        expect(new Set(auth.forms.map(({ refresh_token }) => refresh_token)).size).toBe(2 * users.length);
    });

    it('shows one whose session is over an error, and the others their pages', async () => {
        const { browser, refreshTokens } = await startSite(['alice', 'bob']);
        refreshTokens.delete('bob');

        const [ofAlice, ofBob] = await Promise.all([
            browser.get('/', cookie('alice')),
            browser.get('/', cookie('bob')),
        ]);

        expect([ofAlice.status, ofBob.status]).toEqual([200, 502]);
        expect(ofAlice.data).toBe(pageOf('alice'));
    });

    it('keeps nothing of a user who logs out', async () => {
        const { browser, auth, api } = await startSite(['alice']);
        await browser.get('/', cookie('alice'));

        expect((await browser.get('/logout', cookie('alice'))).status).toBe(302);
        await browser.get('/', cookie('alice'));

        expect(auth.forms).toHaveLength(2);
        expect(new Set(api.authorizations).size).toBe(2);
    });

    it('asks for no token for one who has no session', async () => {
        const { browser, auth } = await startSite(['alice']);

        expect((await browser.get('/')).headers['location']).toBe('/login');
        expect(auth.received).toHaveLength(0);
    });
});
