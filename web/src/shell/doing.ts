import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { said } from "../api";

/** Does something at the server, says how it went, and asks anew for what it may have changed. */
export function useDoing<A, T>(doIt: (asked: A) => Promise<T>, changed: readonly string[], done?: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: doIt,
    onSuccess: () => {
      if (done) notifications.show({ message: done });
    },
    onError: (error) => notifications.show({ color: "red", message: said(error) }),
    onSettled: () => Promise.all(changed.map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}
