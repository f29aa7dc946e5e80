import { AxiosHeaders } from 'axios';
import { headerOf, nameIn } from '../src/headers.js';

describe('a header', () => {
    it.each<[string, object]>([
        ['an object', { 'Retry-After': '7' }],
        ['an object, in lower case', { 'retry-after': '7' }],
        ['an object, as a number', { 'retry-after': 7 }],
        ["axios's headers", new AxiosHeaders({ 'RETRY-AFTER': '7' })],
        ["fetch's headers", new Headers({ 'Retry-After': '7' })],
    ])('is found in %s', (_, headers) => {
        expect(headerOf(headers, 'retry-after')).toBe('7');
    });

    it('of several values is one text', () => {
        const values = ['Basic realm="a"', 'Bearer'];
        const headers = new Headers(values.map((value) => ['www-authenticate', value]));

        expect(headerOf({ 'www-authenticate': values }, 'www-authenticate')?.split(/, */)).toEqual(values);
        expect(headerOf(headers, 'www-authenticate')?.split(/, */)).toEqual(values);
    });

    it.each<[string, object | undefined]>([
        ['there are no headers', undefined],
        ['there are others', { 'retry-before': '7', 'retry-after-all': '7', retry: '7' }],
        ["fetch's headers are others", new Headers({ 'retry-before': '7' })],
        ['it is empty', { 'retry-after': '' }],
        ['it was taken away', { 'retry-after': null }],
        ['it is inherited alone', Object.create({ 'retry-after': '7' }) as object],
    ])('is none where %s', (_, headers) => {
        expect(headerOf(headers, 'retry-after')).toBeUndefined();
    });

    it('has the name that it was given', () => {
        expect(nameIn({ Accept: '*/*', AUTHORIZATION: 'Bearer x' }, 'authorization')).toBe('AUTHORIZATION');
        expect(nameIn({ Accept: '*/*' }, 'authorization')).toBeUndefined();
    });
});
