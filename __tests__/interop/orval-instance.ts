import axios, { type AxiosRequestConfig } from 'axios';

/** What clients of orval send through, as its documentation of `override.mutator` has it. */
export const instance = axios.create();

export const customInstance = async <T>(config: AxiosRequestConfig, options?: AxiosRequestConfig): Promise<T> => {
    const { data } = await instance.request<T>({ ...config, ...options });
    return data;
};
