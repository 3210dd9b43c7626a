"""Letters between holder and maker: which there are, when the law gives each, and what stands in it."""
