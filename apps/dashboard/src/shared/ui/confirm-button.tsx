import { Button, type ButtonProps, Group, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ReactNode } from "react";

/** A button for something that cannot be taken back: it asks first and says what will be lost and what not. */
export function ConfirmButton({
  label,
  icon,
  question,
  consequence,
  confirmLabel,
  onConfirm,
  loading,
  size = "xs",
}: {
  label: string;
  icon?: ReactNode;
  question: string;
  consequence: string;
  confirmLabel: string;
  onConfirm: () => void;
  loading?: boolean;
  size?: ButtonProps["size"];
}) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" size={size} leftSection={icon} onClick={open} loading={loading}>
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title={question} centered>
        <Text size="sm" c="dimmed">
          {consequence}
        </Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close} data-autofocus>
            Keep it
          </Button>
          <Button
            color="red.9"
            onClick={() => {
              close();
              onConfirm();
            }}
          >
            {confirmLabel}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
