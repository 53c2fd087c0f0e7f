"""The desktop: shows what mission control says, and sends the operator's intents."""
