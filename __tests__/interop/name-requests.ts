import axios, { AxiosError, type AxiosInstance } from 'axios';

/** Gives each request that fails for want of a token an error of its own, as docs/neighbours.md has it. */
export function nameRequestsInErrors(client: AxiosInstance): void {
    client.interceptors.request.use((config) => {
        const { adapter } = config;
        if (typeof adapter !== 'function') return config;
        config.adapter = (sent) =>
            adapter(sent).catch((error: unknown) => {
                throw axios.isAxiosError(error) ? error : AxiosError.from(error, undefined, sent);
            });
        return config;
    });
}
