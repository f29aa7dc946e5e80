import { answerIn, chainOf } from '../src/error-chain.js';

interface Link {
    name: string;
    cause?: unknown;
    response?: unknown;
}

const chained = (...links: Link[]): Link => links.reduceRight((cause, link) => Object.assign(link, { cause }));

describe('an error and what caused it', () => {
    const five: Link[] = ['one', 'two', 'three', 'four', 'five'].map((name) => ({ name }));

    it('are told in that order', () => {
        expect(chainOf(chained(...five))).toEqual(five);
    });

    it('are no more than five', () => {
        expect(chainOf(chained(...five, { name: 'six' }))).toEqual(five);
    });

    it('come to an end though it caused itself', () => {
        const link: Link = { name: 'one' };
        link.cause = { name: 'two', cause: link };

        expect(chainOf<Link>(link).map(({ name }) => name)).toEqual(['one', 'two', 'one', 'two', 'one']);
    });

    it.each([undefined, null, 'no way', 7])('are none where %p was thrown', (thrown) => {
        expect(chainOf(thrown)).toEqual([]);
        expect(answerIn(thrown, () => {})).toBeUndefined();
    });
});

describe('the answer in an error', () => {
    it('is the first one, and all that may refer to the sending is seen', () => {
        const [first, second] = [{ status: 401 }, { status: 500 }];
        const links: Link[] = [{ name: 'one' }, { name: 'two', response: first }, { name: 'three', response: second }];
        const seen: unknown[] = [];

        const answer = answerIn(chained(...links), (settled) => seen.push(settled));

        expect(answer).toBe(first);
        expect(seen).toEqual([links[0], undefined, links[1], first, links[2], second]);
    });
});
