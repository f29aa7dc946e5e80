import { parseChallenges } from '../../src/index.js';
import { createSourceUnderTest, grant } from '../support/deferred.js';

const [challenge] = parseChallenges('Bearer error="insufficient_user_authentication", acr_values="gold"');

describe('getToken and current', () => {
    it('current opens nothing: it creates no token, tells of none, and pushes none out', async () => {
        const { source, calls, events, last } = createSourceUnderTest({ maxTokens: 1 });
        const pending = source.getToken({ parameters: { key: 'a' } });
        await last().answer(grant('a'));
        const token = await pending;
        const told = events.length;

        for (const key of ['b', 'c', 'd']) expect(source.current({ key })).toBeUndefined();

        expect(source.current({ key: 'a' })).toBe(token);
        expect([calls.length, events.length]).toEqual([1, told]);
    });

    it('parameters without any value ask for the ordinary token', async () => {
        const { source, calls, obtain } = createSourceUnderTest();
        const ordinary = await obtain(grant('ordinary'));

        for (const parameters of [{}, { resource: [] }, { scope: ' ' }, { key: undefined }]) {
            expect(await source.getToken({ parameters })).toBe(ordinary);
            expect(source.current(parameters)).toBe(ordinary);
        }
        expect(calls).toHaveLength(1);
    });

    it('who leaves a flight ends it for nobody else', async () => {
        const { source, last } = createSourceUnderTest();
        const abort = new AbortController();
        const parameters = { key: 'a' };
        const leaving = source.getToken({ parameters, signal: abort.signal });
        const staying = source.getToken({ parameters });

        abort.abort(new Error('enough'));
        await expect(leaving).rejects.toThrow('enough');
        await last().answer(grant('a'));

        expect((await staying).value).toBe('a');
    });
});

describe('events', () => {
    it('tell which token they are about, with the parameters; of the ordinary one without', async () => {
        const { source, events, last } = createSourceUnderTest();
        const parameters = { key: 'a', scope: 'read' };
        const ordinary = source.getToken();
        await last().answer(grant('ordinary'));
        const failing = source.getToken({ parameters });
        await last().fail(new Error('down'));
        await expect(failing).rejects.toThrow('down');
        const pending = source.getToken({ parameters });
        await last().answer(grant('a'));
        source.reject(await pending, { status: 401 })?.succeeded(200);
        source.reject(await ordinary, { status: 401 })?.succeeded(200);
        source.clear();

        const told = events.map((event) => ('parameters' in event ? [event.type, event.parameters] : [event.type]));
        expect(told).toEqual([
            ['creating'],
            ['created'],
            ...['creating', 'failed', 'creating', 'created', 'rejected', 'replayed'].map((type) => [type, parameters]),
            ['rejected'],
            ['replayed'],
            ['cleared'],
        ]);
    });
});

describe('the context of a creator', () => {
    it('holds the challenge of the parameters at the first creation, and still when the token expired', async () => {
        const { source, clock, last } = createSourceUnderTest();
        const first = source.getToken({ parameters: { challenge } });
        expect(last().context).toMatchObject({ reason: 'missing', challenges: [challenge] });
        await last().answer(grant('a', 100));
        await first;
        clock.advance(100_000);

        const second = source.getToken({ parameters: { challenge } });

        expect(last().context).toMatchObject({ reason: 'expired', challenges: [challenge] });
        await last().answer(grant('b'));
        await second;
    });

    it.each<[string, string]>([
        ['without a challenge', ''],
        ['with another one', 'Bearer error="invalid_token"'],
    ])('holds it as well when the token was refused %s', async (_name, header) => {
        const { source, last } = createSourceUnderTest();
        const first = source.getToken({ parameters: { challenge } });
        await last().answer(grant('a'));
        source.reject(await first, { status: 401, challenges: parseChallenges(header) });

        const second = source.getToken({ parameters: { challenge } });

        expect(last().context.reason).toBe('rejected');
        expect(last().context.challenges).toContainEqual(challenge);
        await last().answer(grant('b'));
        await second;
    });
});
