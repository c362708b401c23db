import { useMutation, useQueryClient } from "@tanstack/react-query";
import { done, failed } from "./toast";

/** Does something at the server, says how it went, and asks anew for what it may have changed. */
export function useDoing<A, T>(doIt: (asked: A) => Promise<T>, changed: readonly string[], told?: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: doIt,
    onSuccess: () => {
      if (told) done(told);
    },
    onError: (error) => failed(error),
    onSettled: () => Promise.all(changed.map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}
