import { format, inspect } from 'node:util';
import { createTokenSource, TokenResponseError, type AccessToken, type TokenGrantResponse } from '../src/index.js';
import { readGrant } from '../src/token.js';

const SECRET = 'eyJhbGciOi.do-not-show.me_';
const BASE = { access_token: 'a', token_type: 'Bearer' };

async function tokenOf(grant: unknown): Promise<AccessToken> {
    return createTokenSource(() => Promise.resolve(grant as TokenGrantResponse)).getToken();
}

describe('reading a grant', () => {
    it('gives it back whole, the parameters that it does not know too', () => {
        const answer = {
            access_token: 'a',
            token_type: 'Bearer',
            expires_in: 3_600,
            refresh_token: 'r',
            refresh_token_expires_in: 259_200,
            scope: 'global',
            id_token: 'i',
            tenant: { id: 7 },
        };
        expect(readGrant(answer)).toEqual(answer);
        expect(readGrant(answer)).not.toBe(answer);
    });

    it.each([
        [3_600, 3_600],
        ['3600', 3_600],
        [' 3600 ', 3_600],
        ['0', 0],
        [0, 0],
        [-1, -1],
        ['-1', -1],
        [0.5, 0.5],
        ['3599.5', 3_599.5],
        ['3599.25', 3_599.25],
        [2_592_000, 2_592_000],
        ['007', 7],
    ])('a lifetime of %p counts as %p seconds', (given, seconds) => {
        const grant = readGrant({ ...BASE, expires_in: given, refresh_token_expires_in: given });
        expect(grant.expires_in).toBe(seconds);
        expect(grant.refresh_token_expires_in).toBe(seconds);
    });

    it.each([
        [undefined],
        [null],
        [''],
        [' '],
        ['soon'],
        ['1h'],
        ['3600 s'],
        ['0x10'],
        ['1,5'],
        ['--1'],
        ['.'],
        ['9'.repeat(400)],
        [NaN],
        [Infinity],
        [-Infinity],
        [true],
        [{}],
        [[]],
        [[3_600]],
        [{ toString: 1, valueOf: 1 }],
        [Object.create(null) as unknown],
        [new Date(0)],
        ['2030-01-01T00:00:00Z'],
    ])('a lifetime that cannot be read counts as absent: %p', (given) => {
        const grant = readGrant({ ...BASE, expires_in: given, refresh_token_expires_in: given });
        expect(grant).toEqual(BASE);
        expect(Object.keys(grant).sort()).toEqual(['access_token', 'token_type']);
    });

    it.each([undefined, null, ''])('an absent token_type is Bearer: %p', (token_type) => {
        expect(readGrant({ access_token: 'a', token_type }).token_type).toBe('Bearer');
    });

    it('an access token may hold any character from \\x21 to \\x7E', () => {
        const access_token = String.fromCharCode(...Array.from({ length: 0x7e - 0x21 + 1 }, (_, i) => 0x21 + i));
        expect(readGrant({ ...BASE, access_token }).access_token).toBe(access_token);
    });

    it('a large token is read at once', () => {
        const access_token = 'a'.repeat(1_000_000);
        const start = performance.now();
        readGrant({ ...BASE, access_token, expires_in: `${' '.repeat(100_000)}x` });
        expect(performance.now() - start).toBeLessThan(500);
        expect(() => readGrant({ ...BASE, access_token: `${access_token} ` })).toThrow(TokenResponseError);
    });

    it('a __proto__ in the answer changes no prototype', () => {
        const grant = readGrant(JSON.parse('{"access_token":"a","__proto__":{"expires_in":1,"polluted":true}}'));
        expect(grant.expires_in).toBeUndefined();
        expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    });

    it('scopes that are listed are joined; what should be a string and is none counts as absent', () => {
        expect(readGrant({ ...BASE, scope: ['read', 'write'] }).scope).toBe('read write');
        expect(readGrant({ ...BASE, scope: ['read', 7], refresh_token: 7, id_token: ['i'] })).toEqual(BASE);
    });

    it.each([
        ['a string', 'a', 'the token response is no object'],
        ['an array', [BASE], 'the token response is no object'],
        ['no access_token', {}, 'the token response has no access_token that a header can carry'],
        ['a token_type that is a number', { ...BASE, token_type: 7 }, 'the token_type is not a string'],
    ])('the error for %s tells what is wrong', (_, answer, message) => {
        expect(() => readGrant(answer)).toThrow(new TokenResponseError(message));
    });

    it.each([
        ['no object', SECRET],
        ['an access_token that no header can carry', { access_token: `${SECRET}\r\n`, token_type: 'Bearer' }],
        ['an access_token of another type', { access_token: [SECRET], token_type: 'Bearer', refresh_token: SECRET }],
        ['a token_type of another type', { access_token: SECRET, token_type: { [SECRET]: SECRET } }],
    ])('the error for %s repeats nothing of it', (_, answer) => {
        let thrown: unknown;
        try {
            readGrant(answer);
        } catch (error) {
            thrown = error;
        }
        expect(thrown).toBeInstanceOf(TokenResponseError);
        expect(inspect(thrown, { depth: Infinity, showHidden: true })).not.toContain('do-not-show');
        expect(JSON.stringify(thrown)).not.toContain('do-not-show');
    });
});

describe('the access token that a source gives', () => {
    it('has a value, a type, when it expires, and the whole grant', async () => {
        const before = Date.now();
        const token = await tokenOf({ access_token: 'a', token_type: 'bearer', expires_in: '60', refresh_token: 'r' });
        expect(token.value).toBe('a');
        expect(token.type).toBe('Bearer');
        expect(token.expiresAt).toBeGreaterThanOrEqual(before + 60_000);
        expect(token.expiresAt).toBeLessThanOrEqual(Date.now() + 60_001);
        expect(token.grant).toMatchObject({ access_token: 'a', expires_in: 60, refresh_token: 'r' });
    });

    it('has no expiresAt where the lifetime is not known', async () => {
        const token = await tokenOf({ access_token: 'a', token_type: 'Bearer' });
        expect('expiresAt' in token).toBe(false);
    });

    it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR', undefined, null, ''])(
        'token_type is matched without case, and Bearer by default: %p',
        async (token_type) => {
            expect((await tokenOf({ access_token: 'a', token_type })).type).toBe('Bearer');
        },
    );

    it.each(['mac', 'DPoP', 'Bearer ', 'Bearer,mac', 'BearerX', 'N_A'])(
        'a token_type other than bearer must not be sent as one: %p',
        async (token_type) => {
            const error = new TokenResponseError('the token_type is not Bearer');
            await expect(tokenOf({ access_token: 'a', token_type })).rejects.toThrow(error);
        },
    );

    it('the grant is not enumerable', async () => {
        const token = await tokenOf(BASE);
        expect(Object.keys(token)).not.toContain('grant');
        expect({ ...token }).not.toHaveProperty('grant');
        expect(Object.entries(token).flat()).not.toContain('a');
    });

    it('cannot be changed into another', async () => {
        const token = (await tokenOf(BASE)) as { value: string };
        expect(() => (token.value = 'b')).toThrow(TypeError);
        expect(token.value).toBe('a');
    });
});

describe('no way to print a token shows it', () => {
    const grant = {
        access_token: SECRET,
        token_type: 'Bearer',
        expires_in: 60,
        refresh_token: SECRET,
        id_token: SECRET,
    };
    const everything = { depth: Infinity, showHidden: true, getters: true, showProxy: true } as const;

    const WAYS: [string, (value: unknown) => string][] = [
        ['util.inspect', (value) => inspect(value)],
        ['util.inspect of everything', (value) => inspect(value, everything)],
        [
            'util.inspect of everything, ours off',
            (value) => inspect(value, { depth: Infinity, showHidden: true, customInspect: false }),
        ],
        ['util.inspect within another object', (value) => inspect({ nested: [value] }, everything)],
        ['JSON.stringify', (value) => JSON.stringify(value)],
        ['JSON.stringify within another object', (value) => JSON.stringify({ nested: [value] })],
        ['String', (value) => String(value)],
        ['a template', (value) => `token: ${value as string}`],
        ['Array.join', (value) => [value].join()],
        ['util.format', (value) => format('%s %o %O %j', value, value, value, value)],
        ['a copy', (value) => inspect({ ...Object(value) }, everything)],
        ['Object.entries', (value) => inspect(Object.entries(Object(value) as object), everything)],
        ['an error with it as cause', (value) => inspect(new Error('x', { cause: value }), everything)],
    ];

    it.each(WAYS)('%s of the token', async (_, print) => {
        const printed = print(await tokenOf(grant));
        expect(printed).not.toContain('do-not-show');
        expect(printed).not.toHaveLength(0);
    });

    it.each(WAYS)('%s of the source', async (_, print) => {
        const source = createTokenSource(() => Promise.resolve(grant));
        await source.getToken();
        expect(print(source)).not.toContain('do-not-show');
    });

    it('structuredClone of the token', async () => {
        const clone = structuredClone(await tokenOf(grant));
        expect(inspect(clone, everything)).not.toContain('do-not-show');
        expect(clone.type).toBe('Bearer');
    });

    it('structuredClone of the source', async () => {
        const source = createTokenSource(() => Promise.resolve(grant));
        await source.getToken();
        let cloned: unknown;
        try {
            cloned = structuredClone(source);
        } catch (error) {
            cloned = error;
        }
        expect(inspect(cloned, everything)).not.toContain('do-not-show');
    });

    it('what is printed tells that it is a token, its type and when it expires', async () => {
        const token = await tokenOf(grant);
        expect(inspect(token)).toContain('Bearer');
        expect(inspect(token)).toContain('redacted');
        expect(inspect(token)).toContain(String(token.expiresAt));
        expect(JSON.parse(JSON.stringify(token))).toEqual({
            type: 'Bearer',
            value: '[redacted]',
            expiresAt: token.expiresAt,
        });
        expect(String(token as unknown)).toBe('Bearer [redacted]');
    });
});
