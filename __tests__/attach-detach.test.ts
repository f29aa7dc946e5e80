import axios, { type AxiosInstance } from 'axios';
import { attachTokenCreator, type TokenAttachment } from '../src/index.js';
import {
    adapters,
    createIssuer,
    ok,
    protectedBy,
    until,
    useServers,
    wait,
    type Issuer,
    type TestServer,
} from './support/servers.js';

const serve = useServers();

interface Scene {
    issuer: Issuer;
    server: TestServer;
    client: AxiosInstance;
    attachment: TokenAttachment;
}

async function arrange(adapter: string = 'http', route = (issuer: Issuer) => protectedBy(issuer)): Promise<Scene> {
    const issuer = createIssuer();
    const server = await serve(route(issuer));
    const client = axios.create({ baseURL: server.url, adapter, validateStatus: () => true });
    return { issuer, server, client, attachment: attachTokenCreator(client, issuer.creator) };
}

const statuses = async (requests: Promise<{ status: number }>[]) =>
    (await Promise.all(requests)).map(({ status }) => status);

describe.each(adapters)('detach, over %s', (adapter) => {
    it('leaves later requests without a token', async () => {
        const { client, server, attachment, issuer } = await arrange(adapter);
        await client.get('/before');

        attachment.detach();
        const { status } = await client.get('/after');

        expect(status).toBe(401);
        expect(server.authorizations).toEqual(['Bearer token-1', undefined]);
        expect(issuer.created).toBe(1);
    });

    it('lets requests finish that wait for their first token', async () => {
        const { client, server, attachment, issuer } = await arrange(adapter);
        const release = issuer.hold();
        const requests = [client.get('/1'), client.get('/2')];
        await until(() => issuer.created === 1);

        attachment.detach();
        release();

        expect(await statuses(requests)).toEqual([200, 200]);
        expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-1']);
    });

    it('lets requests finish that were sent, also when they are answered with 401 afterwards', async () => {
        const { client, server, attachment, issuer } = await arrange(adapter, (own) => async (exchange) => {
            const route = protectedBy(own);
            await wait(50);
            await route(exchange);
        });
        await client.get('/before');
        const requests = [client.get('/1'), client.get('/2')];
        await until(() => server.received.length === 3);

        issuer.revoke();
        attachment.detach();

        expect(await statuses(requests)).toEqual([200, 200]);
        expect(server.authorizations.slice(3)).toEqual(['Bearer token-2', 'Bearer token-2']);
        expect(issuer.created).toBe(2);
    });
});

type Manager = AxiosInstance['interceptors']['request'];
type Use = Parameters<Manager['use']>;

/** Gives numbers to interceptors as older versions of axios did: their places in the list. */
class NumberedByPlace {
    private handlers: ({ fulfilled: Use[0]; rejected: Use[1]; synchronous?: boolean } | null)[] = [];

    use(fulfilled?: Use[0], rejected?: Use[1], options?: Use[2]): number {
        return this.handlers.push({ fulfilled, rejected, synchronous: options?.synchronous }) - 1;
    }

    eject(id: number): void {
        if (this.handlers[id]) this.handlers[id] = null;
    }

    clear(): void {
        this.handlers = [];
    }

    forEach(visit: (handler: unknown) => void): void {
        for (const handler of this.handlers) if (handler) visit(handler);
    }
}

describe('detach', () => {
    it('twice does nothing more', async () => {
        const { client, server, attachment, issuer } = await arrange();
        attachment.detach();
        attachTokenCreator(client, issuer.creator);

        attachment.detach();
        await client.get('/me');

        expect(server.authorizations).toEqual(['Bearer token-1']);
    });

    it('of a replaced attachment does nothing', async () => {
        const { client, server, attachment } = await arrange('http', () => ok);
        const second = createIssuer();
        attachTokenCreator(client, second.creator);

        attachment.detach();
        await client.get('/me');

        expect(second.created).toBe(1);
        expect(server.authorizations).toEqual(['Bearer token-1']);
    });

    it('of a replaced attachment does not make the present one forgotten: it is replaced in its turn', async () => {
        const { client, server, attachment, issuer } = await arrange();
        attachTokenCreator(client, createIssuer().creator);
        attachment.detach();

        attachTokenCreator(client, issuer.creator).detach();
        await client.get('/me');

        expect(server.authorizations).toEqual([undefined]);
    });

    it('of the attachment that replaced another leaves none', async () => {
        const { client, server } = await arrange('http', () => ok);
        const second = attachTokenCreator(client, createIssuer().creator);

        second.detach();
        await client.get('/me');

        expect(server.authorizations).toEqual([undefined]);
    });

    it('finds its interceptor where others were ejected before it was attached', async () => {
        const { server, issuer } = await arrange();
        const client = axios.create({ baseURL: server.url, validateStatus: () => true });
        const { request } = client.interceptors;
        const ejected = [request.use(null), request.use(null)];
        request.use((config) => config); // without one after them, newer versions of axios forget their places
        for (const id of ejected) request.eject(id);
        const attachment = attachTokenCreator(client, issuer.creator);

        attachment.detach();
        await client.get('/me');

        expect(server.authorizations).toEqual([undefined]);
    });

    it('works when it is called without its object', async () => {
        const { client, server, attachment } = await arrange();
        // oxlint-disable-next-line typescript/unbound-method
        const { detach } = attachment;

        detach();
        await client.get('/me');

        expect(server.authorizations).toEqual([undefined]);
    });

    it('leaves the interceptors of others alone, those before it and those after it', async () => {
        const seen: string[] = [];
        const server = await serve(ok);
        const client = axios.create({ baseURL: server.url });
        const watch = (name: string) =>
            client.interceptors.request.use((config) => {
                seen.push(name);
                return config;
            });
        watch('before');
        const attachment = attachTokenCreator(client, createIssuer().creator);
        watch('after');

        attachment.detach();
        await client.get('/me');

        expect(seen).toEqual(['after', 'before']);
    });

    it.each([
        ['counts on', (client: AxiosInstance) => client.interceptors.request],
        ['starts anew, as it did in older versions of axios', () => new NumberedByPlace() as unknown as Manager],
    ])("ejects nobody else's interceptor after interceptors.request.clear(), which %s", async (_name, manage) => {
        const seen: string[] = [];
        const { server, issuer } = await arrange();
        const client = axios.create({ baseURL: server.url, validateStatus: () => true });
        client.interceptors.request = manage(client);
        const attachment = attachTokenCreator(client, issuer.creator);
        await client.get('/attached');
        client.interceptors.request.clear();
        client.interceptors.request.use((config) => {
            seen.push('other');
            return config;
        });

        attachment.detach();
        await client.get('/detached');

        expect(seen).toEqual(['other']);
        expect(server.authorizations).toEqual(['Bearer token-1', undefined]);
    });

    it('is not needed after interceptors.request.clear(), which ends the attachment; it can be made again', async () => {
        const { client, server, issuer } = await arrange();
        client.interceptors.request.clear();
        await client.get('/cleared');

        attachTokenCreator(client, issuer.creator);
        await client.get('/again');

        expect(server.authorizations).toEqual([undefined, 'Bearer token-1']);
    });

    it('leaves the source at work for others', async () => {
        const { server, attachment, issuer } = await arrange();
        const other = axios.create({ baseURL: server.url });
        attachTokenCreator(other, attachment.source);

        attachment.detach();
        await other.get('/me');

        expect(server.authorizations).toEqual(['Bearer token-1']);
        expect(issuer.created).toBe(1);
    });

    it('leaves no wrapper on a config that comes round again', async () => {
        const { client, server, attachment } = await arrange();
        const { config } = await client.get('/me');
        attachment.detach();

        await client(config);

        expect(server.authorizations).toEqual(['Bearer token-1', undefined]);
    });
});
