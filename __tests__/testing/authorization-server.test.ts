import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTestAuthorizationServer, type Fault } from '../../src/testing/index.js';
import { failOnUnhandledRejections, failureOf, until } from '../support/servers.js';
import { BODY, callApi, HEAD, logIn, post, say, useTestServers } from './test-servers.js';

const serve = useTestServers();
failOnUnhandledRejections();

describe('the API', () => {
    it('tells a live token what it asked for, and which token it was', async () => {
        const server = await serve();
        await logIn(server);
        const { body } = await post(server, { grant_type: 'x', scope: 'a' });

        const answer = await callApi(server, body.access_token, '/api/orders/7?secret=a-canary');

        expect(answer.status).toBe(200);
        expect(await answer.json()).toEqual({ method: 'GET', path: '/api/orders/7', tokenNumber: 2, scope: 'a' });
    });

    it.each([
        [undefined, 'Bearer'],
        ['unknown', 'Bearer error="invalid_token"'],
    ])('answers 401 to the token %p, with a challenge', async (token, challenge) => {
        const server = await serve();

        const answer = await callApi(server, token);

        expect(answer.status).toBe(401);
        expect(answer.headers.get('www-authenticate')).toBe(challenge);
        expect(server.counts).toMatchObject({ resourceRequests: 1, refusedResourceRequests: 1 });
    });

    it.each(['/', '/apiary', '/token', '/nowhere', '//', '/token/'])('is not at %s', async (path) => {
        const server = await serve();

        expect((await fetch(server.url + path)).status).toBe(404);
        expect(server.counts).toMatchObject({ resourceRequests: 0, tokenRequests: 0 });
    });
});

describe('closing', () => {
    it.each<Fault>([
        { type: 'hold' },
        { type: 'delay', milliseconds: 1_000_000 },
        { type: 'endless-body' },
        { type: 'slow-loris', milliseconds: 1_000_000 },
    ])('cuts connections that are kept open by %p', async (fault) => {
        const server = await createTestAuthorizationServer();
        server.inject(fault);
        const answer = say(server, HEAD + BODY);
        await until(() => server.counts.faults === 1);

        await server.close();

        expect(server.counts.connections).toBe(0);
        expect(['ended', 'reset']).toContain((await answer).ending);
    });

    it('cuts idle connections, may be done twice, and frees the port', async () => {
        const server = await createTestAuthorizationServer();
        await logIn(server); // fetch keeps the connection
        const unfinished = say(server, 'POST /token HT');
        await until(() => server.counts.connections === 2);

        await Promise.all([server.close(), server.close()]);
        await server.close();
        expect((await unfinished).text).toBe('');

        const port = Number(new URL(server.url).port);
        const again = await createTestAuthorizationServer({ port });
        expect(again.url).toBe(server.url);
        expect(await failureOf(createTestAuthorizationServer({ port }))).toMatchObject({ code: 'EADDRINUSE' });
        await again.close();
    });

    it('lets the process exit', async () => {
        const program = `
            import { createTestAuthorizationServer } from './src/testing/index.ts';
            async function main() {
                const server = await createTestAuthorizationServer();
                server.inject({ type: 'delay', milliseconds: 1_000_000 });
                server.inject({ type: 'hold' });
                const ask = () => fetch(server.url + '/token', { method: 'POST', body: 'grant_type=x' });
                const answers = [ask(), ask()].map((answer) => answer.catch(() => 'cut'));
                while (server.counts.faults < 2) await new Promise((resolve) => setTimeout(resolve, 5));
                await server.close();
                console.log(await Promise.all(answers));
            }
            void main();`;
        const tsx = join(__dirname, '../../node_modules/tsx/dist/cli.mjs');
        const cwd = join(__dirname, '../..');

        const { stdout } = await promisify(execFile)(process.execPath, [tsx, '--eval', program], {
            cwd,
            timeout: 50_000,
        });

        expect(stdout).toBe("[ 'cut', 'cut' ]\n");
    });
});
