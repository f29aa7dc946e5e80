import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formOf, sendJson, useServers, type Form } from '../../support/servers.js';
import { differences, SAME } from '../excerpts.js';
import { createApis, createApp, replaceFile, sessionInFile } from './sessions.js';
import { memoryStorage } from '../../support/memory-storage.js';
import { attached, serveApi, serveTokens } from './stage.js';

const serve = useServers();

it('docs/recipes/sessions.md shows the code that is run here, to the letter, and no other', () => {
    expect(differences('recipes/sessions.md', ['recipes/sessions.ts'])).toEqual(SAME);
});

/** One origin that logs users in, renews and revokes their tokens, and answers those who have one. */
async function startSite() {
    const live = new Set<string>();
    const revoked: Form[] = [];
    const refreshes: Form[] = [];
    let logIns = 0;
    let canRevoke = true;
    const server = await serve((exchange) => {
        const { url, headers, body } = exchange.received;
        const form = formOf(exchange);
        if (url.startsWith('/public/')) return sendJson(exchange, 200, {});
        if (url === '/login') {
            logIns += 1;
            const { name } = JSON.parse(body.toString()) as { name: string };
            live.add(`${name}-${logIns}`);
            return sendJson(exchange, 200, { refresh_token: `${name}-${logIns}` });
        }
        if (url === '/revoke' && !canRevoke) return sendJson(exchange, 503, {});
        if (url === '/revoke') {
            revoked.push(form);
            live.delete(String(form['token']));
            return sendJson(exchange, 200, {});
        }
        if (url === '/token') {
            refreshes.push(form);
            const { refresh_token = '' } = form;
            if (!live.has(refresh_token)) return sendJson(exchange, 400, { error: 'invalid_grant' });
            return sendJson(exchange, 200, { access_token: `access-${refresh_token}`, token_type: 'Bearer' });
        }
        const session = headers.authorization?.replace('Bearer access-', '');
        return live.has(String(session)) ? sendJson(exchange, 200, { session }) : sendJson(exchange, 401, {});
    });
    const storage = memoryStorage();
    const cannotRevoke = (): void => void (canRevoke = false);
    return { server, storage, revoked, refreshes, cannotRevoke, ...createApp(server.url, server.url, storage) };
}

describe('a login route on the same instance', () => {
    it('gets no token, nor do the public ones', async () => {
        const { api, server, logIn, refreshes } = await startSite();

        await logIn('alice', 'password');
        await api.get('/public/prices');

        expect(server.authorizations).toEqual([undefined, undefined]);
        expect(refreshes).toEqual([]);
        expect((await api.get<unknown>('/me')).data).toEqual({ session: 'alice-1' });
    });

    it('leaves nothing of whoever was there before', async () => {
        const { api, logIn } = await startSite();
        await logIn('alice', 'password');
        await api.get('/me');

        await logIn('bob', 'password');

        expect((await api.get<unknown>('/me')).data).toEqual({ session: 'bob-2' });
    });

    it('lets requests through at once that failed before it, however many they were', async () => {
        const { api, logIn } = await startSite();
        for (let index = 0; index < 10; index += 1)
            await expect(api.get('/me')).rejects.toMatchObject({ name: 'TokenError', code: 'cleared' });

        await logIn('alice', 'password');

        expect((await api.get('/me')).status).toBe(200);
    });
});

describe('a log-out', () => {
    it('revokes the session, after which nothing is sent', async () => {
        const { api, server, storage, logIn, logOut, revoked } = await startSite();
        await logIn('alice', 'password');
        await api.get('/me');

        await logOut();

        expect(revoked).toEqual([{ token: 'alice-1', client_id: 'my-app' }]);
        expect(storage.getItem('refresh_token')).toBeNull();
        const sent = server.received.length;
        await expect(api.get('/me')).rejects.toMatchObject({ name: 'TokenError', code: 'cleared' });
        expect(server.received).toHaveLength(sent);
    });

    it('is one for the page even where the server fails to revoke, which it tells', async () => {
        const site = await startSite();
        await site.logIn('alice', 'password');
        await site.api.get('/me');
        site.cannotRevoke();

        const leaving = site.logOut();

        expect(site.source.current()).toBeUndefined();
        await expect(leaving).rejects.toMatchObject({ name: 'TokenEndpointError', status: 503 });
        await expect(site.api.get('/me')).rejects.toMatchObject({ code: 'cleared' });
    });
});

describe('several APIs', () => {
    it('have one token, and one creation for all that meet a 401 together', async () => {
        const valid = new Set(['access-1']);
        const orders = await serveApi(serve, (token) => valid.has(String(token)));
        const billing = await serveApi(serve, (token) => valid.has(String(token)));
        let created = 0;
        const creator = async () => ({ access_token: `access-${(created += 1)}`, token_type: 'Bearer' });
        const apis = createApis(creator, orders.url, billing.url);
        await Promise.all(apis.map((api) => api.get('/')));
        valid.clear();
        valid.add('access-2');

        const answers = await Promise.all([...apis, ...apis].map((api) => api.get('/')));

        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
        expect(created).toBe(2);
    });

    it('each keep it from the hosts of the others, as from any other', async () => {
        const orders = await serveApi(serve);
        const billing = await serveApi(serve);
        const [first] = createApis(
            async () => ({ access_token: 'access-1', token_type: 'Bearer' }),
            orders.url,
            billing.url,
        );

        await first?.get(`${billing.url}/`).catch(() => undefined);

        expect(billing.authorizations).toEqual([undefined]);
    });
});

describe('a session in a file', () => {
    let folder: string;
    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), 'session-'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    async function startCli() {
        let newest = 'first';
        const auth = await serveTokens(serve, '/token', ({ refresh_token }, index) => {
            if (refresh_token !== newest) return { error: 'invalid_grant' };
            newest = `refresh-${index}`;
            return { access_token: `access-${index}`, refresh_token: newest, token_type: 'Bearer', expires_in: 60 };
        });
        const path = join(folder, 'session');
        const api = await serveApi(serve);
        return { auth, path, run: () => attached(api, sessionInFile(path, `${auth.url}/token`)).client.get('/me') };
    }

    it('goes on in the next process, with the newest refresh token', async () => {
        const { auth, path, run } = await startCli();
        await replaceFile(path, 'first');

        for (let index = 0; index < 3; index += 1) expect((await run()).status).toBe(200);

        expect(auth.forms.map(({ refresh_token }) => refresh_token)).toEqual(['first', 'refresh-1', 'refresh-2']);
        expect(await readFile(path, 'utf8')).toBe('refresh-3');
        expect(await readdir(folder)).toEqual(['session']);
    });

    it('can be read by its owner alone, even where the file before could be read by all', async () => {
        const { path, run } = await startCli();
        await writeFile(path, 'first');
        await chmod(path, 0o644);

        await run();

        expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
    });

    it('that is not there fails with what the file system says, and asks nobody', async () => {
        const { auth, run } = await startCli();

        await expect(run()).rejects.toMatchObject({ code: 'ENOENT' });
        expect(auth.received).toHaveLength(0);
    });

    it('is in the file before a request is sent with what came along', async () => {
        const { auth, path } = await startCli();
        await replaceFile(path, 'first');
        const seen: string[] = [];
        const api = await serve(async (exchange) => {
            seen.push(await readFile(path, 'utf8'));
            sendJson(exchange, 200, {});
        });

        await attached(api, sessionInFile(path, `${auth.url}/token`)).client.get('/me');

        expect(seen).toEqual(['refresh-1']);
    });
});
