import axios from 'axios';
import { attachTokenCreator, type TokenCreatorContext, type TokenGrantResponse } from '../src/index.js';
import { createSourceUnderTest, fixRandom, grant, type SourceUnderTest } from './support/deferred.js';
import { ok, useServers } from './support/servers.js';

const serve = useServers();

beforeEach(() => void fixRandom(0));
afterEach(() => jest.restoreAllMocks());

type Previous = TokenGrantResponse & Record<string, unknown>;

/** A source that holds a token, and renews it in the background. */
async function arrange(answer: TokenGrantResponse): Promise<SourceUnderTest> {
    const subject = createSourceUnderTest();
    await subject.obtain(answer);
    subject.clock.advance(3_300_000);
    subject.source.current();
    return subject;
}

function previousOf({ previous }: TokenCreatorContext): Previous {
    if (!previous) throw new Error('there is no previous grant');
    return previous;
}

const held = { ...grant('held', 3_600), refresh_token: 'r', scope: 'global' };

const changes: [name: string, change: (previous: Previous) => void][] = [
    ['deletes its access_token', (previous) => Reflect.deleteProperty(previous, 'access_token')],
    ['assigns another grant to it', (previous) => void Object.assign(previous, grant('half\nbroken', 1))],
    [
        'empties it',
        (previous) => {
            for (const name of Object.keys(previous)) Reflect.deleteProperty(previous, name);
        },
    ],
];

describe('a creator that changes context.previous in place and then fails', () => {
    it.each(changes)('changes nothing of the token that is still served: it %s', async (_name, change) => {
        const { source, last } = await arrange(held);
        const token = source.current();

        change(previousOf(last().context));
        await last().fail(new Error('down'));

        expect(source.current()).toBe(token);
        expect(token?.value).toBe('held');
        expect(token?.grant).toEqual(held);
        expect(await source.getToken()).toBe(token);
    });

    it.each(changes)('changes nothing of what is sent: it %s', async (_name, change) => {
        const { source, last } = await arrange(held);
        const server = await serve(ok);
        const client = axios.create({ baseURL: server.url });
        attachTokenCreator(client, source);

        change(previousOf(last().context));
        await client.get('/meanwhile');
        await last().fail(new Error('down'));
        await client.get('/afterwards');

        expect(server.authorizations).toEqual(['Bearer held', 'Bearer held']);
    });

    it.each(changes)('leaves the whole grant for the next creation: it %s', async (_name, change) => {
        const { source, clock, calls, last } = await arrange(held);
        change(previousOf(last().context));
        await last().fail(new Error('down'));

        clock.advance(300_000);
        source.getToken().catch(() => {});

        expect(calls).toHaveLength(3);
        expect(last().context).toMatchObject({ reason: 'expired', previous: held });
    });
});

/** A grant as some client libraries return it: its fields are on the prototype, and nothing is enumerable. */
class GrantWithGetters {
    readonly #fields: TokenGrantResponse;

    constructor(fields: TokenGrantResponse) {
        this.#fields = fields;
    }

    get access_token(): string {
        return this.#fields.access_token;
    }

    get token_type(): string {
        return this.#fields.token_type;
    }

    get expires_in(): number | undefined {
        return this.#fields.expires_in;
    }

    get refresh_token(): string | undefined {
        return this.#fields.refresh_token;
    }

    get scope(): string | undefined {
        return this.#fields.scope;
    }
}

describe('a grant that is an instance of a class with getters', () => {
    it('is read whole: the next creation finds its refresh_token', async () => {
        const { source, clock, last, obtain } = createSourceUnderTest();
        const fields = { ...held, expires_in: 60 };

        const token = await obtain(new GrantWithGetters(fields) as unknown as TokenGrantResponse);
        clock.advance(60_000);
        source.getToken().catch(() => {});

        expect(token).toMatchObject({ value: 'held', expiresAt: clock.now() });
        expect(token.grant).toEqual(fields);
        expect(last().context).toMatchObject({ reason: 'expired', previous: fields });
        expect(last().context.previous?.refresh_token).toBe('r');
    });

    it('has no field that its getters leave undefined made into a word', async () => {
        const { obtain } = createSourceUnderTest();

        const token = await obtain(new GrantWithGetters(grant('held')) as unknown as TokenGrantResponse);

        expect(token.expiresAt).toBeUndefined();
        expect(token.grant).toEqual(grant('held'));
    });
});
