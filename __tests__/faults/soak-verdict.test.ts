import type { Failure } from '../../scripts/soak/messages.js';
import { judge } from '../../scripts/soak/verdict.js';

const ERROR = 'TokenEndpointError: the token endpoint answered 503';
const REFUSED = 'AxiosError: Request failed with status code 401';
const NOTHING = { faults: [], outages: [], revocations: [] };
const FAULT = { ...NOTHING, faults: [{ from: 1_000, until: 2_000 }] };

/** A request from 1,500 to 1,600, by a client whose token ended at 1,400. */
const failure = (given: Partial<Failure> = {}): Failure => ({
    source: 'rotating',
    begun: 1_500,
    ended: 1_600,
    token: { from: 500, until: 1_400 },
    heldBackUntil: 0,
    error: ERROR,
    ...given,
});
const good = { token: { from: 500, until: 1_601 } };
const refused = { ...good, error: REFUSED };
const revokedAt = (at: number) => ({ ...FAULT, revocations: [{ from: at, until: at }] });
const later = { begun: 2_500, ended: 2_600 };

describe('a request that failed', () => {
    it('could not be served without a token that is good, while none was given', () => {
        expect(judge(failure(), FAULT, [])).toBe('unservable');
        expect(judge(failure(later), FAULT, [])).toBe('lost');
        expect(judge(failure(), NOTHING, [])).toBe('lost');
    });

    it('was lost if there was a token', () => {
        expect(judge(failure(good), FAULT, [])).toBe('lost');
    });

    it('could not be served if that was revoked, until the request ended, and no other was given', () => {
        expect(judge(failure(good), revokedAt(501), [])).toBe('unservable');
        expect(judge(failure(good), revokedAt(1_600), [])).toBe('unservable');
        expect(judge(failure(good), revokedAt(1_601), [])).toBe('lost');
        expect(judge(failure(good), revokedAt(499), [])).toBe('lost');
    });

    it('could not be served while the source was held back after failures', () => {
        expect(judge(failure({ ...later, heldBackUntil: 2_500 }), FAULT, [])).toBe('unservable');
        expect(judge(failure({ ...later, heldBackUntil: 2_499 }), FAULT, [])).toBe('lost');
    });

    it('was lost if it failed in any other way, a 401 above all', () => {
        expect(judge(failure(refused), revokedAt(1_550), [])).toBe('lost');
        expect(judge(failure({ error: 'AxiosError: socket hang up' }), FAULT, [])).toBe('lost');
    });

    it('is set aside if a process was stopped meanwhile', () => {
        const stall = { from: 1_550, until: 60_000 };
        expect(judge(failure(good), FAULT, [stall])).toBe('stopped');
        expect(judge(failure(), FAULT, [stall])).toBe('unservable');
        expect(judge(failure({ ...good, ended: 1_549 }), FAULT, [stall])).toBe('lost');
    });
});
